import { murmur3 } from "./murmur3.ts";
import { type PolicyDocument, saysOff } from "./wire.ts";

/** Whose request it is. An empty string counts as absent; a number counts as its decimal string. */
export interface Subject {
  userId?: string | number | undefined;
  sessionId?: string | number | undefined;
  traceId?: string | number | undefined;
}

/** The project's state at an instant, before users and sampling, and the instant (epoch ms) at which it ends. */
export interface ProjectState {
  enabled: boolean;
  reason: string;
  until: number;
}

/** A decision without its circumstances. */
export interface Verdict {
  trace: boolean;
  reason: string;
}

/** A policy with what a decision needs of it computed once. */
export interface PreparedPolicy extends PolicyDocument {
  /** The project's hash seed, unsigned 32 bits. */
  seed: number;
  /** A key is sampled iff its hash is below this. */
  threshold: number;
}

/** The rules' possible outcomes, as indices: the hot path compares and stores small numbers. */
export const OFF = 0;
export const NEVER = 1;
export const ALWAYS = 2;
export const NOT_SAMPLED = 3;
export const SAMPLED = 4;
export const ENABLED = 5;

/** The reason of each outcome; that of `OFF` is the project state's own. */
export const REASONS = ["disabled", "user_override", "user_override", "not_sampled", "sampled", "enabled"] as const;

/** Whether an outcome means that the request is traced. */
export const traces = (outcome: number): boolean => outcome === ALWAYS || outcome >= SAMPLED;

/** The seed of a project's sampling hash: MurmurHash3, seed 0, of its id in lower case. */
export const sampleSeed = (projectId: string): number => murmur3(projectId.toLowerCase(), 0);

/** The threshold of a sample rate (0 to 1): rates that differ keep the same order of keys. */
export const sampleThreshold = (sampleRate: number): number => Math.ceil(sampleRate * 2 ** 32);

/** Computes once per document what every decision on it needs. */
export const preparePolicy = (policy: PolicyDocument, seed: number): PreparedPolicy =>
  Object.assign(policy, { seed, threshold: sampleThreshold(policy.sample_rate) });

/** The state a document gives its project at `now` (epoch ms): that of the last transition passed, else its own. */
export function stateAt(policy: PolicyDocument, now: number): ProjectState {
  let { enabled, reason } = policy;
  let since = Number.NEGATIVE_INFINITY;
  let until = Number.POSITIVE_INFINITY;
  for (const [at, on, why] of policy.transitions) {
    if (at > now) until = Math.min(until, at);
    else if (at >= since) [since, enabled, reason] = [at, on, why];
  }
  return { enabled, reason, until };
}

const isId = (value: unknown): value is string | number =>
  (typeof value === "string" && value !== "") || typeof value === "number" || typeof value === "bigint";

/** The id as the string that is looked up and hashed, or undefined when there is none. */
export const idOf = (value: unknown): string | undefined => (isId(value) ? `${value}` : undefined);

/** Whether a project that is off for this reason is off for users with an "always", too. */
export const isAbsolute = (reason: string): boolean => reason === "locked" || reason === "deleted";

/**
 * The rules, highest first: lock (or deletion), user override, the project's state, sampling.
 *
 * @param state the project's state at `now`
 * @param now epoch ms
 * @returns one of `OFF`, `NEVER`, `ALWAYS`, `NOT_SAMPLED`, `SAMPLED`, `ENABLED`
 */
export function evaluate(policy: PreparedPolicy, state: ProjectState, subject: Subject, now: number): number {
  const user = idOf(subject.userId);
  if (user !== undefined && policy.overrides.size > 0 && (state.enabled || !isAbsolute(state.reason))) {
    const override = policy.overrides.get(user);
    if (override !== undefined && (override[1] === null || now < override[1])) return override[0] ? ALWAYS : NEVER;
  }
  if (!state.enabled) return OFF;
  if (policy.sample_rate >= 1) return ENABLED;
  const key = user ?? idOf(subject.sessionId) ?? idOf(subject.traceId);
  const hash = key === undefined ? Math.random() * 2 ** 32 : murmur3(key, policy.seed);
  return hash < policy.threshold ? SAMPLED : NOT_SAMPLED;
}

/** The decision of a policy for a subject at `now` (epoch ms). Pure, but for a subject without any id (random). */
export function decide(policy: PreparedPolicy, subject: Subject, now: number): Verdict {
  const state = stateAt(policy, now);
  const outcome = evaluate(policy, state, subject, now);
  return { trace: traces(outcome), reason: outcome === OFF ? state.reason : (REASONS[outcome] as string) };
}

/** What a read of a project's keys means. */
export type Reading = "document" | "break_glass" | "off" | "miss";

/**
 * The reading table: what `tracing:<project_id>:enabled` and the policy document mean together at `now` (epoch ms).
 *
 * - `document`: the document decides
 * - `break_glass`: the key says off where the document says on: skip for everyone
 * - `off`: the key says off and there is no document: skip for everyone
 * - `miss`: ask the API; a `true` alone knows nothing of users who must never be traced
 */
export function judge(enabled: unknown, policy: PolicyDocument | undefined, now: number): Reading {
  if (saysOff(enabled)) {
    if (policy === undefined) return "off";
    return stateAt(policy, now).enabled ? "break_glass" : "document";
  }
  return policy === undefined || now >= (policy.until ?? Number.POSITIVE_INFINITY) ? "miss" : "document";
}
