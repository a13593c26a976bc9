// npm start: builds the product, and runs it on a local database and a local Redis, or on those of DATABASE_URL and REDIS_URL.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "../scripts/build.ts";
import { packAgent } from "./agent-folder.ts";
import { Children } from "./children.ts";
import { readEnvFile, writeEnvFile } from "./env-file.ts";
import { seed } from "./seed.ts";
import { type LocalSettings, readSettings } from "./settings.ts";

const CRON_MS = 60_000;
const module = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const began = performance.now();

function progress(message: string): void {
  console.log(`[${((performance.now() - began) / 1_000).toFixed(1).padStart(5)} s] ${message}`);
}

/** The port that many after another one; 0, for any, past the last. */
const portAfter = (port: number, many: number): string => `${port + many > 65_535 ? 0 : port + many}`;

let stopped: Promise<never> | undefined;

/** Ends everything, once. */
function stop(exitCode: number, message?: string): Promise<never> {
  stopped ??= (async () => {
    if (message) console.error(message);
    await children.stop();
    process.exit(exitCode);
  })();
  return stopped;
}

const children = new Children((name) => void stop(1, `${name} has ended; stopping everything else.`));

/** The parent of a process, where there is a /proc. */
function parentOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0] ?? "";
  } catch {
    return "";
  }
}

/** Ends everything when npm was killed: nobody else would, and the port would stay in use. */
function watchParent(): void {
  if (!process.env.npm_lifecycle_event) return;
  // npm runs us through a shell, which outlives it.
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const before = ancestors();
  setInterval(() => ancestors() !== before && void stop(1), 500).unref();
}

async function startDatabase({ directory, port }: LocalSettings) {
  const given = process.env.DATABASE_URL;
  if (given && URL.parse(given)?.hostname.endsWith(".neon.tech"))
    return { DATABASE_URL: given, NEON_FETCH_ENDPOINT: "" };
  const { ready } = await children.start("The database", module("neon/process.ts"), {
    LOCAL_DIR: directory,
    NEON_PORT: portAfter(port, 1),
  });
  return { DATABASE_URL: ready.connectionString as string, NEON_FETCH_ENDPOINT: ready.url as string };
}

async function startRedis({ port }: LocalSettings, last: Record<string, string>) {
  const { UPSTASH_REDIS_REST_URL: given, UPSTASH_REDIS_REST_TOKEN: givenToken = "" } = process.env;
  if (given) {
    const readOnly = process.env.UPSTASH_REDIS_REST_READONLY_TOKEN ?? givenToken;
    return {
      UPSTASH_REDIS_REST_URL: given,
      UPSTASH_REDIS_REST_TOKEN: givenToken,
      UPSTASH_REDIS_REST_READONLY_TOKEN: readOnly,
    };
  }
  const tokens = {
    UPSTASH_REDIS_REST_TOKEN: last.UPSTASH_REDIS_REST_TOKEN ?? randomBytes(24).toString("hex"),
    UPSTASH_REDIS_REST_READONLY_TOKEN: last.UPSTASH_REDIS_REST_READONLY_TOKEN ?? randomBytes(24).toString("hex"),
  };
  const { ready } = await children.start("Redis", module("upstash/process.ts"), {
    ...tokens,
    UPSTASH_PORT: portAfter(port, 2),
    REDIS_PORT: portAfter(port, 3),
  });
  return { UPSTASH_REDIS_REST_URL: ready.url as string, ...tokens, REDIS_URL: ready.redisUrl as string };
}

/** Fires the Worker's cron now and every minute, as the platform would. */
function startCron(url: string): void {
  const fire = () => fetch(`${url}/cdn-cgi/local/scheduled`).catch(() => {});
  void fire();
  setInterval(fire, CRON_MS).unref();
}

async function start(settings: LocalSettings): Promise<void> {
  const { directory, port, demo } = settings;
  const envFile = `${directory}/env`;
  const last = await readEnvFile(envFile);

  progress("Building, and starting the database and Redis ...");
  const [database, redis, agent] = await Promise.all([
    startDatabase(settings),
    startRedis(settings, last),
    buildIfStale().then(() => (demo ? packAgent() : undefined)),
  ]);
  const { key, projectId } = await seed(database, last);

  progress("Starting the Worker ...");
  const workerEnvFile = `${directory}/worker.env`;
  await writeEnvFile(workerEnvFile, {
    ...database,
    UPSTASH_REDIS_REST_URL: redis.UPSTASH_REDIS_REST_URL,
    UPSTASH_REDIS_REST_TOKEN: redis.UPSTASH_REDIS_REST_TOKEN,
  });
  const worker = await children.start("The Worker", module("worker.ts"), {
    PORT: `${port}`,
    LOCAL_DIR: directory,
    WORKER_ENV_FILE: workerEnvFile,
  });
  const url = worker.ready.url as string;
  const variables = {
    TRACING_TOGGLE_API_URL: url,
    TRACING_TOGGLE_API_KEY: key,
    TRACING_TOGGLE_PROJECT_ID: projectId,
    ...redis,
    ...database,
  };
  await writeEnvFile(envFile, variables);
  startCron(url);
  announce(url, key, projectId, envFile);
  if (agent) await children.start("The demo agent", agent, variables);
}

function announce(url: string, key: string, projectId: string, envFile: string): void {
  progress("Ready.");
  console.log(`
  Settings page   ${url.replace("127.0.0.1", "localhost")}/projects/${projectId}#key=${key}
  Variables       ${envFile}

  Switch tracing off:
  curl -X PATCH ${url}/api/v1/projects/${projectId}/tracing \\
    -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\
    -d '{"tracing_enabled": false, "reason": "trying it"}'

  Ctrl-C ends it.
`);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));
watchParent();
try {
  await start(await readSettings());
} catch (error) {
  await stop(1, (error as Error).message);
}
