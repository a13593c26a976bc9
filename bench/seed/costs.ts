// costs.ts <way> <redis url> <api url>: one check, in one of the ways it can be answered, as often as the parent says.
import { serve, timed } from "../interleaved.ts";
import { loadSdk, PROJECT, TOKEN } from "../sdk.ts";

const [, , way = "", redisUrl = "", apiUrl = ""] = process.argv;
const { createTracingToggle } = await loadSdk();
const options = { projectId: PROJECT, redis: { url: redisUrl, token: TOKEN }, logger: null };
const request = { userId: "user-1" };
let source = "snapshot";

/** Each makes the function that checks once. */
const ways: Record<string, () => Promise<() => Promise<unknown>>> = {
  "the seed: GET by the upstash client": async () => {
    source = "redis";
    const { Redis } = await import("@upstash/redis");
    const redis = new Redis({ url: redisUrl, token: TOKEN });
    return async () => ((await redis.get(`tracing:${PROJECT}:enabled`)) === true ? { source } : undefined);
  },
  "hit, snapshot": async () => {
    const tracing = createTracingToggle({ ...options, api: null });
    return () => tracing.decide(request);
  },
  "hit, Redis": async () => {
    source = "redis";
    const tracing = createTracingToggle({ ...options, api: null, maxAgeMs: 0 });
    return () => tracing.decide(request);
  },
  "miss: Redis, then the API": async () => {
    source = "api";
    const projectId = "not-in-redis";
    const api = { url: apiUrl, key: "key" };
    return () => createTracingToggle({ ...options, projectId, api }).decide(request);
  },
  "error: both refuse connections": async () => {
    source = "fallback";
    const [redis, api] = [
      { url: "http://127.0.0.1:9", token: TOKEN },
      { url: "http://127.0.0.1:9", key: "key" },
    ];
    return () => createTracingToggle({ ...options, redis, api }).decide(request);
  },
};

const setUp = ways[way];
if (!setUp) throw new Error(`no way ${way}`);
const check = await setUp();
serve(timed(check, (answer) => (answer as { source?: string } | undefined)?.source === source));
