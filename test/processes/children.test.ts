import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { neon, neonConfig } from "@neondatabase/serverless";
import { Redis } from "@upstash/redis";
import { Redis as RedisByTcp } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

// A first start of PGlite alone is seconds of work on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const databaseEntry = path.resolve("dev/neon/process.ts");
const cacheEntry = path.resolve("dev/upstash/process.ts");
const tokens = { UPSTASH_REDIS_REST_TOKEN: "full", UPSTASH_REDIS_REST_READONLY_TOKEN: "reader" };

type Message = { type: "ready" | "failed"; message: string } & Record<string, string>;

// One for all tests, each of which leaves at most the lock of a dead process: making a database takes seconds.
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "local-stack-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

let children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children) await stop(child, "SIGKILL");
  children = [];
});

/** Forks a part of the stack and waits for the first thing it says. */
async function start(entry: string, env: Record<string, string>): Promise<{ child: ChildProcess; said: Message }> {
  const child = fork(entry, { env: { PATH: process.env.PATH, ...env }, execPath: process.execPath, execArgv: [] });
  children.push(child);
  const [said] = (await once(child, "message")) as [Message];
  return { child, said };
}

const startDatabase = () => start(databaseEntry, { LOCAL_DIR: directory });

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, "exit");
  child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}

async function query(said: Message, text: string): Promise<unknown> {
  neonConfig.fetchEndpoint = said.url as string;
  return neon(said.connectionString as string).query(text);
}

describe("the database's process", () => {
  test("keeps what it acknowledged through kill -9, and takes over the dead process's lock", async () => {
    const first = await startDatabase();
    expect(first.said.type).toBe("ready");
    await query(first.said, "CREATE TABLE t (n int)");
    await query(first.said, "INSERT INTO t VALUES (1), (2)");
    await stop(first.child, "SIGKILL");
    expect(await readdir(directory)).toContain("postgres.lock");

    const second = await startDatabase();
    expect(second.said.type).toBe("ready");
    expect(await query(second.said, "SELECT sum(n)::int AS sum FROM t")).toEqual([{ sum: 3 }]);
  });

  test("refuses a directory in use in one sentence: which, by whom, and what to do", async () => {
    const { child, said } = await startDatabase();
    expect(said.type).toBe("ready");
    const second = await startDatabase();
    expect(second.said).toEqual({
      type: "failed",
      message: `The data directory ${directory} is in use by process ${child.pid}: stop that process, or set LOCAL_DIR to another directory.`,
    });
    expect(await exitCode(second.child)).toBe(1);

    expect(await stop(child, "SIGTERM")).toBe(0);
    expect(await readdir(directory)).toEqual(["postgres"]);
  });

  test("takes over a lock whose pid now belongs to another program, or that cannot be read", async () => {
    // A lock as the previous holder of this test's own pid would have left it.
    await writeFile(path.join(directory, "postgres.lock"), JSON.stringify({ pid: process.pid, startedAt: "1" }));
    const { child, said } = await startDatabase();
    expect(said.type).toBe("ready");
    const lock = JSON.parse(await readFile(path.join(directory, "postgres.lock"), "utf8"));
    expect(lock.pid).toBe(child.pid);
    await stop(child, "SIGKILL");

    await writeFile(path.join(directory, "postgres.lock"), "");
    expect((await startDatabase()).said.type).toBe("ready");
  });

  test("says in one sentence that a directory cannot be written", async () => {
    const { said } = await start(databaseEntry, { LOCAL_DIR: "/dev/null/data" });
    expect(said).toEqual({
      type: "failed",
      message:
        "The data directory /dev/null/data cannot be written (ENOTDIR): make it writable, or set LOCAL_DIR to another one.",
    });
  });

  test("says in one sentence that the Postgres of DATABASE_URL is not there", async () => {
    const { said } = await start(databaseEntry, { DATABASE_URL: "postgres://user:secret@127.0.0.1:1/db" });
    expect(said.type).toBe("failed");
    expect(said.message).toContain("Postgres at 127.0.0.1:1 cannot be used");
    expect(said.message).not.toContain("secret");
  });

  test("ends, and gives its lock back, when the parent was killed with -9", async () => {
    // The parent in between prints what its child said, and is killed.
    const parent = spawn(
      process.execPath,
      [
        "-e",
        `const child = require("node:child_process").fork(${JSON.stringify(databaseEntry)}, { execArgv: [] });
         child.on("message", (said) => console.log(JSON.stringify(said)));`,
      ],
      { env: { PATH: process.env.PATH, LOCAL_DIR: directory }, stdio: ["ignore", "pipe", "inherit"] },
    );
    children.push(parent);
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const grandchild = JSON.parse(line.toString()) as Message;
    expect(grandchild.type).toBe("ready");
    // Its end closes the pipe that it inherited.
    const ended = once(parent.stdout, "end");
    parent.kill("SIGKILL");
    parent.stdout.resume();
    await ended;
    expect(await readdir(directory)).toEqual(["postgres"]);
    await expect(fetch(grandchild.url as string)).rejects.toThrow();
  });
});

describe("the cache's process", () => {
  test("serves the same data over REST and RESP, on the preferred ports", async () => {
    const [redisPort, restPort] = [await freePort(), await freePort()];
    const env = { ...tokens, REDIS_PORT: String(redisPort), UPSTASH_PORT: String(restPort) };
    const { child, said } = await start(cacheEntry, env);
    expect(said).toEqual({
      type: "ready",
      url: `http://127.0.0.1:${restPort}`,
      redisUrl: `redis://127.0.0.1:${redisPort}`,
    });
    await new Redis({ url: said.url as string, token: "full" }).set("k", "v");
    const tcp = new RedisByTcp(said.redisUrl as string);
    expect(await tcp.get("k")).toBe("v");
    tcp.disconnect();

    const second = await start(cacheEntry, env);
    expect(second.said.type).toBe("ready");
    expect(second.said.url).not.toBe(said.url);
    expect(second.said.redisUrl).not.toBe(said.redisUrl);
    expect(await stop(child, "SIGTERM")).toBe(0);
  });

  test("ends when its parent is gone", async () => {
    const { child, said } = await start(cacheEntry, tokens);
    expect(said.type).toBe("ready");
    const code = exitCode(child);
    child.disconnect();
    expect(await code).toBe(0);
  });

  test("says in one sentence that the Redis of REDIS_URL is not there, or that a token is missing", async () => {
    const away = await start(cacheEntry, { ...tokens, REDIS_URL: "redis://:secret@127.0.0.1:1" });
    expect(away.said.type).toBe("failed");
    expect(away.said.message).toContain("Redis at 127.0.0.1:1 cannot be used (connect ECONNREFUSED 127.0.0.1:1)");
    expect(away.said.message).not.toContain("secret");
    expect((await start(cacheEntry, {})).said).toEqual({
      type: "failed",
      message: "UPSTASH_REDIS_REST_TOKEN must be set.",
    });
  });
});

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, "exit");
  return child.exitCode;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
