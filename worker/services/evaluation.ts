import { decide, type Subject, sampleSeed, stateAt } from "../../sdk/src/decide.ts";
import { type Capture, type PolicyDocument, parsePolicy } from "../../sdk/src/wire.ts";
import { AppError } from "../errors.ts";
import type { AuthorizedContext } from "./context.ts";
import { readTracing } from "./tracing.ts";

/** What an agent would be told now: the document decides, or the project is off for everyone. */
type Reading = { document: PolicyDocument } | { document: undefined; offBy: string };

/** A project's state as its readers have it. One that was deleted is off: a client that is refused keeps what it has. */
async function readAsAgent(context: AuthorizedContext, projectId: string): Promise<Reading> {
  try {
    const { reason, policy } = await readTracing(context, projectId);
    const document = reason === "break_glass" ? undefined : parsePolicy(policy);
    return document ? { document } : { document, offBy: reason };
  } catch (error) {
    if (!(error instanceof AppError && error.code === "project_deleted")) throw error;
    return { document: undefined, offBy: "deleted" };
  }
}

/** A decision for a client that does not decide itself. */
export interface Evaluation {
  trace: boolean;
  reason: string;
  /** The policy's; undefined where no policy decided. */
  policy: { version: number; capture: Capture; sampleRate: number } | undefined;
}

/**
 * Whether a request is traced, as the SDK decides it.
 *
 * @throws AppError `project_not_found`, `forbidden`, `unavailable`
 */
export async function evaluate(context: AuthorizedContext, projectId: string, subject: Subject): Promise<Evaluation> {
  const reading = await readAsAgent(context, projectId);
  if (!reading.document) return { trace: false, reason: reading.offBy, policy: undefined };
  const { version, capture, sample_rate: sampleRate } = reading.document;
  const verdict = decide(reading.document, sampleSeed(projectId), subject, context.now());
  return { ...verdict, policy: { version, capture, sampleRate } };
}

/**
 * The share of traces that a sampler keeps which knows no users, 0 to 1. The key stands in a URL, where logs and proxies see it:
 * one that may do more than read one project is refused.
 *
 * @throws AppError `project_not_found`, `forbidden`, `unavailable`
 */
export async function samplingRate(context: AuthorizedContext, projectId: string): Promise<number> {
  const { projectId: own, scopes } = context.principal;
  if (own === null || scopes.some((scope) => scope !== "read")) {
    throw new AppError(
      "forbidden",
      "In a URL only a key is accepted that has the scope read alone, for one project. Revoke this one: logs may have it now.",
    );
  }
  const { document } = await readAsAgent(context, projectId);
  return document && stateAt(document, context.now()).enabled ? document.sample_rate : 0;
}
