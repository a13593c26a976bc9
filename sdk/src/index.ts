export { createTracingToggle, type Request, type Stats, type TracingToggle } from "./client.ts";
export { isTracingEnabledForProject } from "./environment.ts";
export type { Logger, RedisClient, TracingToggleOptions } from "./options.ts";
export type { Decision, Source } from "./project.ts";
export type { Capture } from "./wire.ts";
