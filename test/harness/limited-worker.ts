import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Stack } from "./stack.ts";
import { startWorker } from "./worker.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** How many requests of an address or with a key are admitted in 10 s, and how many wrong keys of an address in a minute. */
interface Limits {
  address: number;
  key: number;
  failure: number;
}

/** The bundle that is deployed, with the platform's own rate limits at small numbers. */
export async function startLimitedWorker(
  stack: Pick<Stack, "workerEnv">,
  { address, key, failure }: Limits,
): ReturnType<typeof startWorker> {
  const folder = await mkdtemp(`${root}.build/limited-`);
  const configPath = path.join(folder, "wrangler.toml");
  const config = readFileSync(`${root}wrangler.toml`, "utf8")
    .replace('main = "', 'main = "../../')
    .replace('directory = ".build/', 'directory = "../')
    .replace(/(ADDRESS_LIMITER"\n.*\n).*/, `$1simple = { limit = ${address}, period = 10 }`)
    .replace(/(KEY_LIMITER"\n.*\n).*/, `$1simple = { limit = ${key}, period = 10 }`)
    .replace(/(FAILURE_LIMITER"\n.*\n).*/, `$1simple = { limit = ${failure}, period = 60 }`);
  await writeFile(configPath, config);
  const worker = await startWorker(stack, {}, configPath);
  return {
    ...worker,
    async close() {
      await worker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
