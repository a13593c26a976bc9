import { murmur3 } from "./murmur3.ts";
import { type PolicyDocument, saysOff, type UserOverride } from "./wire.ts";

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

/** The rules in force at an instant: a document with the project's state at that instant. */
export interface Rules extends Omit<PolicyDocument, "overrides" | "until">, ProjectState {
  /** Of users; null when there are none, undefined when the project is off for every user. */
  overrides: ReadonlyMap<string, UserOverride> | null | undefined;
}

/** The seed of a project's sampling hash: MurmurHash3, seed 0, of its id in lower case. */
export const sampleSeed = (projectId: string): number => murmur3(projectId.toLowerCase(), 0) >>> 0;

/** The state a document gives its project at `now` (epoch ms): that of the last transition passed, else its own. */
export function stateAt(policy: PolicyDocument, now: number): ProjectState {
  let { enabled, reason } = policy;
  let since = -Infinity;
  let until = Infinity;
  for (const [at, on, why] of policy.transitions) {
    if (at > now) until = Math.min(until, at);
    else if (at >= since) [since, enabled, reason] = [at, on, why];
  }
  return { enabled, reason, until };
}

/** The rules of a document at `now` (epoch ms). */
export function rulesAt(policy: PolicyDocument, now: number): Rules {
  const state = stateAt(policy, now);
  const { enabled, reason } = state;
  return {
    ...policy,
    ...state,
    reason: enabled ? "enabled" : reason,
    overrides:
      !enabled && /^(locked|deleted)$/.test(reason) ? undefined : policy.overrides.size ? policy.overrides : null,
  };
}

/** The id as the string that is looked up and hashed, or undefined when there is none. */
export const idOf = (value: unknown): string | undefined =>
  typeof value === "string"
    ? value || undefined
    : typeof value === "number" || typeof value === "bigint"
      ? `${value}`
      : undefined;

/**
 * What the rules come to: twice the level of the one that decided (0 the project's state, 1 the user's override, 2 sampling),
 * plus 1 for "trace". The hot path compares and stores small numbers.
 */
export type Outcome = number;

/**
 * The rules, highest first: lock (or deletion), user override, the project's state, sampling. A key is sampled iff its hash
 * is below `ceil(rate * 2^32)`, which is the same as below `rate * 2^32`, since hashes are integers: rates that differ keep
 * the same order of keys.
 *
 * @param seed of the project, see {@link sampleSeed}
 * @param now epoch ms
 */
export function evaluate(rules: Rules, seed: number, subject: Subject | null | undefined, now: number): Outcome {
  const { overrides, enabled, sample_rate } = rules;
  if (overrides) {
    const override = overrides.get(idOf(subject?.userId) as string);
    if (override && (override[1] === null || now < override[1])) return override[0] ? 3 : 2;
  }
  if (!enabled || sample_rate >= 1) return enabled ? 1 : 0; // `+enabled` is slower
  const key = idOf(subject?.userId) ?? idOf(subject?.sessionId) ?? idOf(subject?.traceId);
  const share = key === undefined ? Math.random() : (murmur3(key, seed) >>> 0) * 2 ** -32;
  return share < sample_rate ? 5 : 4;
}

/** An outcome of the rules in words. */
export function verdictOf({ reason }: Rules, outcome: Outcome): Verdict {
  const trace = outcome % 2 > 0;
  return { trace, reason: [reason, "user_override", trace ? "sampled" : "not_sampled"][outcome >> 1] as string };
}

/**
 * The decision of a policy for a subject at `now` (epoch ms). Pure, but for a subject without any id (random).
 *
 * @param seed of the project, see {@link sampleSeed}
 */
export function decide(policy: PolicyDocument, seed: number, subject: Subject, now: number): Verdict {
  const rules = rulesAt(policy, now);
  return verdictOf(rules, evaluate(rules, seed, subject, now));
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
  if (saysOff(enabled)) return !policy ? "off" : stateAt(policy, now).enabled ? "break_glass" : "document";
  return policy && !(now >= (policy.until as number)) ? "document" : "miss"; // without a limit it is undefined, never passed
}
