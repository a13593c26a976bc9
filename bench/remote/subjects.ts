import type { TracingToggleOptions } from "tracing-toggle";
import { loadSdk, PROJECT } from "../sdk.ts";

/** Each makes the function that asks once; the answer must be `true`. */
export const subjects: Record<string, (url: string) => Promise<() => Promise<unknown>>> = {
  // The same command as ours, so that the server and the parser have the same to do.
  "floor: fetch GET with a timeout": async (url) => {
    const headers = { authorization: "Bearer token" };
    const keys = ["enabled", "version"].map((name) => `tracing:${PROJECT}:${name}`);
    return async () => {
      const response = await fetch(`${url}/mget/${keys.join("/")}`, { headers, signal: AbortSignal.timeout(200) });
      return ((await response.json()) as { result: string[] }).result[0] === "true";
    };
  },
  "edge-config": async (url) => {
    const { createClient } = await import("@vercel/edge-config");
    const client = createClient(`${url}/ecfg_x?token=token`);
    return () => client.get("trace");
  },
  "upstash client": async (url) => {
    const { Redis } = await import("@upstash/redis");
    const redis = new Redis({ url, token: "token", responseEncoding: false });
    return () => redis.get("trace");
  },
  "OFREP by OpenFeature": async (url) => {
    const { OpenFeature } = await import("@openfeature/server-sdk");
    const { OFREPProvider } = await import("@openfeature/ofrep-provider");
    await OpenFeature.setProviderAndWait("ofrep", new OFREPProvider({ baseUrl: url }));
    const client = OpenFeature.getClient("ofrep");
    return () => client.getBooleanValue("trace", false, { targetingKey: "user-1" });
  },
  "decide(), one MGET": async (url) => {
    const tracing = (await toggle())(url, { maxAgeMs: 0 });
    return async () => {
      const { trace, source } = await tracing.decide({ userId: "user-1" });
      return trace && source === "redis";
    };
  },
  "a new client's first decide()": async (url) => {
    const create = await toggle();
    return async () => {
      const { trace, source } = await create(url).decide({ userId: "user-1" });
      return trace && source === "redis";
    };
  },
};

async function toggle() {
  const { createTracingToggle } = await loadSdk();
  return (url: string, options: TracingToggleOptions = {}) =>
    createTracingToggle({ projectId: PROJECT, redis: { url, token: "token" }, api: null, logger: null, ...options });
}
