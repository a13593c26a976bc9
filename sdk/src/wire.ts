/** What is recorded of a request when it is traced: everything, or everything but inputs and outputs. */
export type Capture = "full" | "metadata";

/** What applies once the last good answer is older than 300 s: the last known policy, or always the same. */
export type WhenUnavailable = "last_known" | "skip" | "trace";

/** A user override: whether the user is traced, and until when (epoch ms; null: without end). */
export type UserOverride = readonly [trace: boolean, until: number | null];

/** A coming change of the project's state: when (epoch ms), the state from then on, and its reason. */
export type Transition = readonly [at: number, enabled: boolean, reason: string];

/** The policy document as it stands in Redis, key `tracing:<project_id>:policy` (JSON). Times are epoch ms. */
export interface PolicyDocument {
  /** Rises with every change; the instant of the change by the database's clock, in epoch ms. */
  version: number;
  /** The project's state when the document was written. */
  enabled: boolean;
  /** The rule that made that state: `enabled`, `disabled`, `schedule`, `budget`, `override`, `locked` or `deleted`. */
  reason: string;
  /** Share of the sampling keys that is traced, 0 to 1. */
  sample_rate: number;
  capture: Capture;
  when_unavailable: WhenUnavailable;
  /** Past this instant a reader asks again, but keeps the document as the last known policy. Absent: no limit. */
  until?: number | undefined;
  /** By user id. */
  overrides: Map<string, UserOverride>;
  transitions: readonly Transition[];
}

/** The keys and the channel of a project in Redis. `projectId` in lower case. */
export const redisKeys = (projectId: string) => ({
  enabled: redisKey(projectId, "enabled"),
  policy: redisKey(projectId, "policy"),
  version: redisKey(projectId, "version"),
  changes: redisKey(projectId, "changes"),
});

/** One of a project's keys in Redis, or its channel. `projectId` in lower case. */
export const redisKey = (projectId: string, name: "enabled" | "policy" | "version" | "changes"): string =>
  `tracing:${projectId}:${name}`;

type Json = Record<string, unknown>;

const isNumber = (value: unknown): value is number => typeof value === "number";
const isText = (value: unknown): value is string => typeof value === "string";
const isState = (value: unknown): value is boolean => typeof value === "boolean";
const isList = Array.isArray as (value: unknown) => value is readonly unknown[];

const isOverride = (value: unknown): value is UserOverride =>
  isList(value) && isState(value[0]) && (value[1] === null || isNumber(value[1]));

const isTransition = (value: unknown): value is Transition =>
  isList(value) && isNumber(value[0]) && isState(value[1]) && isText(value[2]);

/**
 * Reads a policy document from Redis or from the API: JSON text, or what JSON text parses to.
 *
 * Tolerant where it is safe: unknown fields are ignored, an unknown `capture` reads as `metadata`, an unknown
 * `when_unavailable` as `skip`, a malformed override as "never". Anything else of a wrong type rejects the document.
 *
 * @returns the document with every default filled in, or undefined when it is rejected; never throws
 */
export function parsePolicy(value: unknown): PolicyDocument | undefined {
  try {
    const { version, enabled, until, ...raw } = (isText(value) ? JSON.parse(value) : value) as Json;
    const { reason = enabled ? "enabled" : "disabled", capture = "full", when_unavailable = "last_known" } = raw;
    const { sample_rate = 1, overrides = {}, transitions = [] } = raw;
    if (
      Number.isSafeInteger(version) &&
      (version as number) < 2 ** 52 && // as the writers have it: what is above could never be followed by another
      isState(enabled) &&
      isText(reason) &&
      isNumber(sample_rate) &&
      sample_rate >= 0 &&
      sample_rate <= 1 &&
      (until === undefined || isNumber(until)) &&
      typeof overrides === "object" &&
      !isList(overrides) &&
      isList(transitions) &&
      transitions.every(isTransition)
    )
      return {
        version: version as number,
        enabled,
        reason,
        sample_rate,
        capture: capture === "full" ? capture : "metadata",
        when_unavailable: when_unavailable === "last_known" || when_unavailable === "trace" ? when_unavailable : "skip",
        until,
        overrides: new Map(
          Object.entries(overrides as Json).map(([user, override]) => [
            user,
            isOverride(override) ? override : [false, null],
          ]),
        ),
        transitions,
      };
  } catch {}
  return undefined;
}

/** Whether the value of `tracing:<project_id>:enabled` says off, as bytes or as a client has already parsed them. */
export const saysOff = (enabled: unknown): boolean => enabled === "false" || enabled === false;

/** What a process reports of its decisions and their cost: `POST /api/v1/projects/:id/usage`. */
export interface UsageReport {
  /** A UUID. A batch is sent again under the same one, unchanged, until it is accepted: it counts once. */
  batch_id: string;
  /** The process, by a random UUID of its own. */
  instance: string;
  /** When the first of what it counts happened (RFC 3339). */
  period_start: string;
  /** When it was closed (RFC 3339). */
  period_end: string;
  /** Decisions by reason. */
  counts: Record<string, number>;
  /** What traces cost, in millionths of a dollar; an integer. */
  cost_micros: number;
  /** The version of the policy held; null while none is known. */
  policy_version: number | null;
  sdk: { version: string; runtime: string };
}
