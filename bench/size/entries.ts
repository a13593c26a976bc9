import { fileURLToPath } from "node:url";
import { PACKAGE } from "../sdk.ts";

/** What an application imports, and the module whose import is timed. */
export interface Entry {
  source: string;
  module: string;
}

const named = (names: string, module: string): Entry => ({ source: `export { ${names} } from "${module}";`, module });

const BARE_CLIENT = fileURLToPath(new URL("bare-client.js", import.meta.url));

export const CORE = "tracing-toggle";

export const entries: Record<string, Entry> = {
  "floor: a fetch with a timeout": named("createClient", BARE_CLIENT),
  "edge-config": named("createClient", "@vercel/edge-config"),
  "OpenTelemetry samplers": named("ParentBasedSampler, TraceIdRatioBasedSampler", "@opentelemetry/sdk-trace-base"),
  "openfeature server SDK": named("OpenFeature, InMemoryProvider", "@openfeature/server-sdk"),
  growthbook: named("GrowthBookClient", "@growthbook/growthbook"),
  "upstash client": named("Redis", "@upstash/redis"),
  launchdarkly: named("init", "@launchdarkly/node-server-sdk"),
  [CORE]: named("createTracingToggle", `${PACKAGE}/dist/index.js`),
};
