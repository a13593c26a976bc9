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
  until?: number;
  /** By user id. */
  overrides: Map<string, UserOverride>;
  transitions: readonly Transition[];
}

/** The keys and the channel of a project in Redis. `projectId` in lower case. */
export const redisKeys = (projectId: string) => ({
  enabled: `tracing:${projectId}:enabled`,
  policy: `tracing:${projectId}:policy`,
  version: `tracing:${projectId}:version`,
  changes: `tracing:${projectId}:changes`,
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const NEVER: UserOverride = [false, null];

function parseOverride(value: unknown): UserOverride {
  if (!Array.isArray(value)) return NEVER;
  const [trace, until] = value;
  return typeof trace === "boolean" && (until === null || typeof until === "number") ? [trace, until] : NEVER;
}

const isTransition = (value: unknown): value is Transition =>
  Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "boolean" && typeof value[2] === "string";

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
    return policyOf(typeof value === "string" ? JSON.parse(value) : value);
  } catch {
    return undefined;
  }
}

function policyOf(raw: unknown): PolicyDocument | undefined {
  if (!isObject(raw)) return undefined;
  const { version, enabled, until } = raw;
  const { reason = enabled ? "enabled" : "disabled", sample_rate = 1, overrides = {}, transitions = [] } = raw;
  const valid =
    Number.isSafeInteger(version) &&
    (version as number) < 2 ** 52 && // as the writers have it: what is above could never be followed by another
    typeof enabled === "boolean" &&
    typeof reason === "string" &&
    typeof sample_rate === "number" &&
    sample_rate >= 0 &&
    sample_rate <= 1 &&
    (until === undefined || typeof until === "number") &&
    isObject(overrides) &&
    Array.isArray(transitions) &&
    transitions.every(isTransition);
  if (!valid) return undefined;
  const { capture = "full", when_unavailable: unavailable = "last_known" } = raw;
  return {
    version: version as number,
    enabled,
    reason,
    sample_rate,
    capture: capture === "full" ? capture : "metadata",
    when_unavailable: unavailable === "last_known" || unavailable === "trace" ? unavailable : "skip",
    ...(until === undefined ? undefined : { until }),
    overrides: new Map(Object.entries(overrides).map(([user, override]) => [user, parseOverride(override)])),
    transitions,
  };
}

/** Whether the value of `tracing:<project_id>:enabled` says off, as bytes or as a client has already parsed them. */
export const saysOff = (enabled: unknown): boolean => enabled === "false" || enabled === false;
