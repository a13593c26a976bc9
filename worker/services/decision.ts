import { judge, type Subject } from "../../sdk/src/decide.ts";
import { type Capture, parsePolicy } from "../../sdk/src/wire.ts";
import { type Explanation, explain, type NextChange, nextChange } from "../domain/explain.ts";
import { type AuthorizedContext, gone, notFound, requireProject } from "./context.ts";
import { findProjects } from "./publish.ts";
import { readKeys } from "./tracing.ts";

/** A decision for a request, and what is behind it. */
export interface ExplainedDecision extends Explanation {
  /** Epoch ms. */
  at: number;
  capture: Capture;
  sampleRate: number;
  version: number;
  nextChange: NextChange | null;
}

/**
 * Whether a request is traced and why, by the rules as they are in the database. A break-glass in Redis is seen, for now.
 *
 * @param at epoch ms; undefined for now
 * @throws AppError `project_not_found`, `project_deleted`, `unavailable`
 */
export async function explainDecision(
  context: AuthorizedContext,
  projectId: string,
  subject: Subject,
  at?: number,
): Promise<ExplainedDecision> {
  requireProject(context, projectId, "read");
  const [[project], keys] = await Promise.all([
    findProjects(context, [projectId]),
    at === undefined ? readKeys(context, projectId) : undefined,
  ]);
  if (!project) throw notFound(projectId);
  if (project.deletedAt) throw gone(projectId);
  const now = at ?? context.now();
  const { capture, sampleRate, version } = project;
  const explained = { ...explain(project, subject, now), at: now, capture, sampleRate, version };
  if (keys && judge(keys.enabled, parsePolicy(keys.policy ?? undefined), now) === "break_glass") {
    const overrode = [explained.reason, ...explained.overrode];
    return { ...explained, trace: false, reason: "break_glass", rule: "break_glass", overrode, nextChange: null };
  }
  return { ...explained, nextChange: nextChange(project, subject, now) };
}
