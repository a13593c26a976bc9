import { tmpdir } from "node:os";
import { loadSdk, PROJECT } from "../sdk.ts";

/** Each makes the function that decides once. What it answers, or throws, does not matter here: only when. */
export const subjects: Record<string, (url: string) => Promise<() => Promise<unknown>>> = {
  "fetch GET with a timeout of 200 ms": async (url) => () =>
    fetch(`${url}/get/trace`, { signal: AbortSignal.timeout(200) }),
  "launchdarkly, waiting 5 s": async (url) => {
    const { init } = await import("@launchdarkly/node-server-sdk");
    const options = { baseUri: url, streamUri: url, eventsUri: url, sendEvents: false, logger: SILENT };
    return async () => {
      const client = init("sdk-key", options);
      await client.waitForInitialization({ timeout: 5 }).catch(() => {});
      return client.boolVariation("trace", { key: "user-1" }, false);
    };
  },
  unleash: async (url) => {
    const { startUnleash } = await import("unleash-client");
    const backupPath = `${tmpdir()}/unleash-${process.pid}`;
    return async () => {
      const unleash = await startUnleash({ appName: "bench", url: `${url}/api/`, disableMetrics: true, backupPath });
      return unleash.isEnabled("trace", { userId: "user-1" });
    };
  },
  "upstash client": async (url) => {
    const { Redis } = await import("@upstash/redis");
    const redis = new Redis({ url, token: "token" });
    return () => redis.get("trace");
  },
  "OFREP by OpenFeature": async (url) => {
    const { OpenFeature } = await import("@openfeature/server-sdk");
    const { OFREPProvider } = await import("@openfeature/ofrep-provider");
    await OpenFeature.setProviderAndWait("ofrep", new OFREPProvider({ baseUrl: url }));
    const client = OpenFeature.getClient("ofrep");
    return () => client.getBooleanValue("trace", false, { targetingKey: "user-1" });
  },
  "edge-config": async (url) => {
    const { createClient } = await import("@vercel/edge-config");
    const client = createClient(`${url}/ecfg_x?token=token`);
    return () => client.get("trace");
  },
  growthbook: async (url) => {
    const { GrowthBookClient } = await import("@growthbook/growthbook");
    return async () => {
      const client = new GrowthBookClient({ apiHost: url, clientKey: "key" });
      await client.init({});
      return client.isOn("trace", { attributes: { id: "user-1" } });
    };
  },
  "decide(), first check": async (url) => {
    const { createTracingToggle } = await loadSdk();
    const redis = { url, token: "token" };
    const tracing = createTracingToggle({ projectId: PROJECT, redis, api: { url, key: "key" }, logger: null });
    return () => tracing.decide({ userId: "user-1" });
  },
};

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
