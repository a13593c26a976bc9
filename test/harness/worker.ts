import { fileURLToPath } from "node:url";
import { createApp, createContext, type Dependencies } from "../../worker/app.ts";
import { readEnv } from "../../worker/env.ts";
import { runCron } from "../../worker/services/cron.ts";
import { connectPostgres } from "../../worker/store/postgres.ts";
import { connectRedis } from "../../worker/store/redis.ts";
import { watch } from "./canary.ts";
import type { Stack } from "./stack.ts";

/** The Worker as its callers see it. */
export interface RunningWorker {
  /** A request by path, such as `/api/v1/projects`. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The cron, as the platform fires it every minute. */
  runCron(): Promise<void>;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The bundle that is deployed, in workerd, behind a port of its own. */
export async function startWorker(
  stack: Pick<Stack, "workerEnv">,
  vars: Record<string, string> = {},
  configPath = `${root}wrangler.toml`,
): Promise<RunningWorker & { url: string; logs(): string }> {
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  process.env.WRANGLER_SEND_METRICS = "false";
  const { createTestHarness } = await import("wrangler"); // heavy: only for those who start a workerd
  const harness = createTestHarness({
    root,
    workers: [
      {
        configPath,
        prebuiltWorkerDir: `${root}.build/worker`,
        secrets: stack.workerEnv,
        vars,
      },
    ],
  });
  const { url } = await harness.listen();
  return {
    url: url.origin,
    fetch: (path, init) => fetch(new URL(path, url), init),
    async runCron() {
      await harness.getWorker().scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    },
    logs: () => JSON.stringify(harness.getLogs()),
    async close() {
      watch(JSON.stringify(harness.getLogs()));
      await harness.close();
    },
  };
}

// For tests that are about something else: a busy machine must not be taken for a Redis that is away.
const PATIENT_MS = { read: 10_000, write: 10_000, bulk: 20_000 };

/** The same code in this process, with a clock that a test can move: `clock.now`, in epoch ms. */
export function createWorker(
  stack: Pick<Stack, "workerEnv">,
  clock: { now: number } | undefined = undefined,
  timeoutsMs = PATIENT_MS,
): RunningWorker & { settled(): Promise<void> } {
  const settings = readEnv(stack.workerEnv);
  const pending = new Set<Promise<unknown>>();
  const waitUntil = (work: Promise<unknown>) => {
    pending.add(work);
    work.catch(() => {}).finally(() => pending.delete(work));
  };
  const dependencies: Dependencies = {
    ...settings.options,
    connect: (observe) => ({
      postgres: connectPostgres(settings.databaseUrl, settings.neonEndpoint, observe),
      redis: connectRedis(settings.redisUrl, settings.redisToken, observe, timeoutsMs),
    }),
    now: () => clock?.now ?? Date.now(),
  };
  const app = createApp(dependencies);
  const execution = { waitUntil, passThroughOnException() {}, props: {} };
  const settled = async () => {
    while (pending.size > 0) await Promise.allSettled(pending);
  };
  return {
    fetch: async (path, init) => app.request(path, init, stack.workerEnv, execution as never),
    async runCron() {
      const { context } = createContext(dependencies, { redisDownUntil: 0 }, waitUntil);
      await runCron(context);
      await settled();
    },
    settled,
    close: settled,
  };
}
