import { createTracingToggle } from "tracing-toggle";
import { usage } from "tracing-toggle/usage";

interface Env {
  TRACING_TOGGLE_API_KEY: string;
  UPSTASH_REDIS_REST_URL: string;
  UPSTASH_REDIS_REST_TOKEN: string;
}

/** Make it once for each process or isolate. `waitUntil` is the runtime's. */
export const tracingOf = (env: Env, waitUntil: (work: Promise<unknown>) => void) =>
  createTracingToggle({
    projectId: "0197f3c2-6f0e-7a51-9d3c-1f2e3d4c5b6a",
    api: { url: "https://tracing-toggle.example.workers.dev", key: env.TRACING_TOGGLE_API_KEY },
    redis: { url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN },
    usage: usage(),
    waitUntil,
  });

// in a request: if (await tracing.isEnabled({ userId })) { … }
// and at its end: waitUntil(tracing.flush())
