import { judge, stateAt } from "../../sdk/src/decide.ts";
import { type PolicyDocument, parsePolicy, saysOff } from "../../sdk/src/wire.ts";
import { policyDocument, type WireDocument } from "../domain/policy.ts";
import { AppError } from "../errors.ts";
import type { ProjectKeys } from "../store/redis.ts";
import { changeProject, type SwitchBefore } from "./change-project.ts";
import { type AuthorizedContext, type Context, gone, notFound, requireProject } from "./context.ts";
import { findProjects, type Publishing, publishProject } from "./publish.ts";

/** A change of the switch, or of the project for a while. */
export interface TracingChange {
  tracingEnabled: boolean;
  reason?: string | null | undefined;
  /** For that long only (seconds): a temporary override, and the switch stays as it is. */
  durationSeconds?: number | undefined;
  /** Only if the project's version is one of these. */
  ifVersion?: readonly number[] | undefined;
  /** Whether a break-glass is lifted. Left out, it is, but not with `ifVersion`: a break-glass is no version. */
  liftBreakGlass?: boolean | undefined;
}

/**
 * Switches a project's tracing, or overrides it for a while, and writes that through to Redis. The switch ends an override
 * in force.
 *
 * @throws AppError as {@link changeProject}
 */
export async function setTracing(
  context: AuthorizedContext,
  projectId: string,
  { tracingEnabled, reason, durationSeconds, ifVersion, liftBreakGlass = ifVersion === undefined }: TracingChange,
): Promise<Publishing & { before: SwitchBefore }> {
  requireProject(context, projectId, "write");
  const began = context.now();
  const verb = tracingEnabled ? "enabled" : "disabled";
  const change =
    durationSeconds === undefined
      ? {
          action: `tracing.${verb}`,
          set: { tracingEnabled },
          after: { tracing_enabled: tracingEnabled },
          override: null,
        }
      : {
          action: `override.${verb}`,
          after: {},
          override: { trace: tracingEnabled, until: new Date(began + durationSeconds * 1_000) },
        };
  const { project, before } = await changeProject(context, projectId, { ...change, reason, ifVersion });
  const published = await publishProject(context, project, liftBreakGlass ? began : undefined);
  return { ...published, before };
}

/** What an agent would be told now. */
export interface TracingState {
  effective: boolean;
  reason: string;
  /** `tracing:<project_id>:enabled` as read; null when it is missing; undefined when Redis was not read: a break-glass may hold. */
  enabled: boolean | null | undefined;
  policy: WireDocument | null;
  source: "redis" | "postgres";
}

const REDIS_REST_MS = 5_000;

/** A project's keys, unless Redis does not tell them. */
export async function readKeys(context: Context, projectId: string): Promise<ProjectKeys | undefined> {
  if (context.now() < context.health.redisDownUntil) return undefined;
  try {
    return await context.redis.read(projectId);
  } catch {
    // An SDK asks with what is left of its time: the next one must not wait for Redis to fail again.
    context.health.redisDownUntil = context.now() + REDIS_REST_MS;
    return undefined;
  }
}

function asRead(value: string | null): boolean | null {
  if (value === "true") return true;
  return saysOff(value) ? false : null;
}

/** The state that the keys and a document make together: the reading table of `judge`. */
function stateOf(
  enabled: boolean | null | undefined,
  document: PolicyDocument | undefined,
  now: number,
): Pick<TracingState, "effective" | "reason"> {
  const reading = judge(enabled, document, now);
  if (reading === "break_glass") return { effective: false, reason: reading };
  if (reading === "off" || document === undefined) return { effective: false, reason: "disabled" };
  const { enabled: effective, reason } = stateAt(document, now);
  return { effective, reason };
}

/**
 * A project's state by its keys in Redis; on a miss by the database, which fills Redis. Either store may be down.
 *
 * @throws AppError `project_not_found`, `project_deleted`, `unavailable`
 */
export async function readTracing(context: AuthorizedContext, projectId: string): Promise<TracingState> {
  requireProject(context, projectId, "read", "report");
  const keys = await readKeys(context, projectId);
  const enabled = keys && asRead(keys.enabled);
  const now = context.now();
  const document = parsePolicy(keys?.policy ?? undefined);
  if (document && judge(enabled, document, now) !== "miss") {
    if (document.reason === "deleted") throw gone(projectId);
    const policy = JSON.parse(keys?.policy as string) as WireDocument;
    return { ...stateOf(enabled, document, now), enabled, policy, source: "redis" };
  }
  try {
    return await readFromDatabase(context, projectId, enabled);
  } catch (error) {
    // A `false` alone says enough.
    if (!(enabled === false && error instanceof AppError && error.code === "unavailable")) throw error;
    return { ...stateOf(enabled, undefined, now), enabled, policy: null, source: "redis" };
  }
}

async function readFromDatabase(
  context: Context,
  projectId: string,
  asRead: boolean | null | undefined,
): Promise<TracingState> {
  const [found] = await findProjects(context, [projectId]);
  if (!found) throw notFound(projectId);
  const filled = asRead === undefined ? undefined : await publishProject(context, found);
  const project = filled?.project ?? found;
  if (project.deletedAt) throw gone(projectId);
  const now = context.now();
  // A glass broken since the read holds the fill; a stale `false` was written over by it.
  const enabled =
    filled?.propagation === "held" ? false : filled?.propagation === "live" && asRead === false ? null : asRead;
  const policy = policyDocument(project, now);
  const document = parsePolicy(policy);
  return { ...stateOf(enabled, document, now), enabled, policy, source: "postgres" };
}
