// What the published types take and refuse. `npm run types` checks it; it never runs.
import {
  createTracingToggle,
  type Decision,
  isTracingEnabledForProject,
  type Stats,
  type TracingToggle,
  type TracingToggleOptions,
} from "tracing-toggle";

const redis = { url: "https://redis.example", token: "token" };
const api = { url: "https://api.example", key: "key" };

export const options: TracingToggleOptions[] = [
  {},
  { projectId: undefined, redis: undefined, api: undefined, maxAgeMs: undefined, logger: undefined, fetch: undefined },
  { projectId: "project", redis, api, maxAgeMs: 0, timeoutMs: 50, whenUnavailable: "skip", maxProjects: 10 },
  { redis: null, api: null, logger: null },
  { redis: { mget: async (...keys: string[]) => keys.map(() => null) } },
  { logger: console, fetch, now: Date.now, waitUntil: (work) => void work.catch(() => {}) },
];

createTracingToggle();

// @ts-expect-error an option that does not exist
createTracingToggle({ maxAge: 1_000 });
// @ts-expect-error a duration is a number of milliseconds
createTracingToggle({ timeoutMs: "200" });
// @ts-expect-error a duration is left out, never null
createTracingToggle({ maxAgeMs: null });
// @ts-expect-error it says what to do, and not whether
createTracingToggle({ whenUnavailable: true });
// @ts-expect-error an id is text
createTracingToggle({ projectId: 42 });
// @ts-expect-error Redis needs a token
createTracingToggle({ redis: { url: "https://redis.example" } });
// @ts-expect-error Redis's secret is its token
createTracingToggle({ redis: { url: "https://redis.example", key: "key" } });
// @ts-expect-error the API's secret is its key
createTracingToggle({ api: { url: "https://api.example", token: "token" } });
// @ts-expect-error a client without mget
createTracingToggle({ redis: { get: async () => null } });
// @ts-expect-error a client answers later
createTracingToggle({ redis: { mget: () => [null] } });
// @ts-expect-error a logger has warn
createTracingToggle({ logger: { info() {} } });
// @ts-expect-error a clock tells a number
createTracingToggle({ now: () => new Date() });

export async function requests(tracing: TracingToggle): Promise<unknown> {
  tracing.peek();
  tracing.peek({});
  tracing.peek({ userId: "u", sessionId: 7, traceId: undefined, projectId: "other" });

  // @ts-expect-error a field that does not exist
  tracing.peek({ user: "u" });
  // @ts-expect-error an id is text or a number
  await tracing.decide({ userId: { id: "u" } });
  // @ts-expect-error an id that is missing is left out
  await tracing.decide({ sessionId: null });
  // @ts-expect-error a project's id is text
  await tracing.ready({ projectId: 7 });
  // @ts-expect-error a request is an object
  await tracing.isEnabled("u");

  // @ts-expect-error a promise is always true
  if (tracing.isEnabled()) return;
  // @ts-expect-error a promise has no answer yet
  tracing.decide().trace;
  const enabled: boolean = await tracing.isEnabled();
  const nothing: undefined | void = await tracing.ready();
  const closed: undefined | void = await tracing.close();
  const forProject: Promise<boolean> = isTracingEnabledForProject("project");
  // @ts-expect-error without a project
  isTracingEnabledForProject();
  return [enabled, nothing, closed, forProject];
}

export function answers(decision: Decision, stats: Stats): unknown {
  const { trace, reason, capture, sampleRate, version, source, fetchedAt } = decision;
  const known: [boolean, string, "full" | "metadata", number, number | null, string, number | null] = [
    trace,
    reason,
    capture,
    sampleRate,
    version,
    source,
    fetchedAt,
  ];
  // @ts-expect-error a decision is read-only: others may share it
  decision.trace = true;
  // @ts-expect-error a decision is read-only
  decision.reason = "enabled";
  // @ts-expect-error a decision is read-only
  decision.version = 1;
  // @ts-expect-error nothing was read as long as it is null
  decision.fetchedAt.toFixed();
  // @ts-expect-error one number for all projects and reasons
  stats.decisions.enabled;
  // @ts-expect-error there is no such capture
  if (capture === "none") return;
  return known;
}
