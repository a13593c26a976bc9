import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createTestHarness } from "wrangler";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** What an example finds in its environment. */
export const environment = (redis: { url: string }) => ({
  TRACING_TOGGLE_PROJECT_ID: "project",
  UPSTASH_REDIS_REST_URL: redis.url,
  UPSTASH_REDIS_REST_TOKEN: "token",
});

/** Runs an example in a process of its own, over the package as it is built; answers what it prints. */
export async function runExample(name: string, variables: Record<string, string>): Promise<string> {
  const env = { PATH: process.env.PATH, ...variables };
  const args = ["--import", path("test/adapters/patient.ts"), path(`examples/${name}`)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout;
}

/** Starts an example in workerd, as `wrangler dev` does. */
export async function startExample(name: string, vars: Record<string, string>) {
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  process.env.WRANGLER_SEND_METRICS = "false";
  const harness = createTestHarness({
    root: path(""),
    workers: [{ configPath: path(`examples/${name}/wrangler.toml`), vars }],
  });
  const { url } = await harness.listen();
  return { url, close: () => harness.close() };
}
