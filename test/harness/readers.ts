import type { Redis } from "ioredis";
import { createTracingToggle, type TracingToggle } from "../../sdk/src/index.ts";
import type { Stack } from "./stack.ts";
import type { RunningWorker } from "./worker.ts";

/** What a deployed Python SDK does: one GET, bytes compared, anything but `false` means "trace". */
export const legacyTraces = async (redis: Redis, projectId: string): Promise<boolean> =>
  (await redis.get(`tracing:${projectId}:enabled`)) !== "false";

/** A fresh process' SDK on the stack, with the Worker's API if one is given. It asks for every decision. */
export function freshSdk(stack: Stack, projectId: string, api?: { worker: RunningWorker; key: string }): TracingToggle {
  return createTracingToggle({
    projectId,
    redis: { url: stack.upstash.url, token: stack.tokens.readOnlyToken },
    api: api ? { url: "http://worker.test", key: api.key } : null,
    // A busy test machine must not be taken for a slow network.
    timeoutMs: 5_000,
    maxAgeMs: 0,
    logger: null,
    fetch: (input, init) => {
      const url = new URL(`${input}`);
      return api && url.hostname === "worker.test" ? api.worker.fetch(url.pathname, init) : fetch(input, init);
    },
  });
}
