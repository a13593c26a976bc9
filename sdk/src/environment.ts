import { createTracingToggle, type TracingToggle } from "./client.ts";

let client: TracingToggle | undefined;
let unusable = false;

/**
 * Whether the project's requests are traced, by a client made from the environment at the first call:
 * `UPSTASH_REDIS_REST_URL` and `UPSTASH_REDIS_REST_TOKEN`, `TRACING_TOGGLE_API_URL` and `TRACING_TOGGLE_API_KEY`.
 * Never rejects: without a usable environment the answer is true, and the reason is logged.
 */
export async function isTracingEnabledForProject(projectId: string): Promise<boolean> {
  if (unusable) return true;
  try {
    client ??= createTracingToggle();
  } catch (error) {
    unusable = true;
    console.warn(`${(error as Error).message}; defaulting to enabled`);
    return true;
  }
  return client.isEnabled({ projectId });
}
