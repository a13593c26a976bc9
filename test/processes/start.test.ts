import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readEnvFile } from "../../dev/env-file.ts";
import { freePort } from "../harness/redis-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let directory: string;
let port: number;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "tracing-toggle-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));
beforeEach(async () => {
  port = await freePort();
});

const groups: number[] = [];

// What a failed test has left running.
afterEach(() => {
  for (const group of groups.splice(0)) {
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // it has ended
    }
  }
});

interface Started {
  process: ChildProcess;
  output(): string;
  /** Resolves when the output has a line like this. */
  line(pattern: RegExp): Promise<void>;
  exited: Promise<number | null>;
}

function npmStart(env: Record<string, string> = {}): Started {
  const child = spawn("npm", ["start", "--silent"], {
    cwd: root,
    env: { ...process.env, PORT: `${port}`, LOCAL_DIR: directory, DEMO: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a group of its own, as a terminal gives it: Ctrl-C is SIGINT to the whole group
  });
  groups.push(child.pid as number);
  let text = "";
  const listeners = new Set<() => void>();
  const collect = (chunk: Buffer) => {
    text += chunk;
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const exited = once(child, "close").then(([code]) => code as number | null);
  return {
    process: child,
    output: () => text,
    exited,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => pattern.test(text) && resolve();
        listeners.add(check);
        check();
        exited.then(() => reject(new Error(`ended before ${pattern}:\n${text}`)));
      }),
  };
}

/** Every process below one, itself first. */
function processesOf(pid: number): { pid: number; command: string }[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, id, parent, command]) => ({ pid: Number(id), parent: Number(parent), command: command ?? "" }));
  const below = (id: number): typeof table =>
    table.filter(({ parent }) => parent === id).flatMap((found) => [found, ...below(found.pid)]);
  return [...table.filter((entry) => entry.pid === pid), ...below(pid)];
}

/** Resolves when none of these processes lives any more. */
async function gone(pids: number[]): Promise<void> {
  const lives = (pid: number) => {
    try {
      // A zombie holds no port; its parent, gone or not, has yet to read its end.
      return !/^State:\s+Z/m.test(execFileSync("cat", [`/proc/${pid}/status`], { encoding: "utf8", stdio: "pipe" }));
    } catch {
      return false;
    }
  };
  await expect.poll(() => pids.filter(lives), { timeout: 40_000, interval: 100 }).toEqual([]);
}

async function call(variables: Record<string, string>, method: string, body?: object, of = "tracing") {
  const { TRACING_TOGGLE_API_URL: url, TRACING_TOGGLE_API_KEY: key, TRACING_TOGGLE_PROJECT_ID: id } = variables;
  const response = await fetch(`${url}/api/v1/projects/${id}/${of}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as Record<string, unknown>;
}

test("starts, writes its variables for the owner only, and keeps the data over kill -9 of all and a new start", async () => {
  const first = npmStart({ DEMO: "1" });
  await first.line(/traced .*enabled/);
  expect((await stat(`${directory}/env`)).mode & 0o777).toBe(0o600);
  const variables = await readEnvFile(`${directory}/env`);
  expect(Object.keys(variables).sort()).toEqual([
    "DATABASE_URL",
    "NEON_FETCH_ENDPOINT",
    "REDIS_URL",
    "TRACING_TOGGLE_API_KEY",
    "TRACING_TOGGLE_API_URL",
    "TRACING_TOGGLE_PROJECT_ID",
    "UPSTASH_REDIS_REST_READONLY_TOKEN",
    "UPSTASH_REDIS_REST_TOKEN",
    "UPSTASH_REDIS_REST_URL",
  ]);
  const status = () => call(variables, "GET", undefined, "status");
  await expect
    .poll(status, { timeout: 20_000 })
    .toMatchObject({ status: "active", instances: { count: 1, current: 1 } });
  expect(first.output()).toContain(`#key=${variables.TRACING_TOGGLE_API_KEY}`);
  expect(await call(variables, "PATCH", { tracing_enabled: false })).toMatchObject({ propagation: "live" });
  await first.line(/skipped .*disabled/);

  const all = processesOf(first.process.pid as number).map(({ pid }) => pid);
  for (const pid of all) process.kill(pid, "SIGKILL");
  await gone(all);

  const second = npmStart();
  await second.line(/Ready\./);
  const again = await readEnvFile(`${directory}/env`);
  expect(again.TRACING_TOGGLE_API_KEY).toBe(variables.TRACING_TOGGLE_API_KEY);
  expect(await call(again, "GET")).toMatchObject({ effective: false, reason: "disabled" });
  const before = processesOf(second.process.pid as number).map(({ pid }) => pid);
  second.process.kill("SIGTERM");
  await second.exited;
  await gone(before);
}, 120_000);

describe("kill -9 of", () => {
  test.each([
    ["npm itself", /npm start/],
    ["the start script", /dev\/start\.ts$/],
    ["the database", /neon\/process\.ts$/],
    ["Redis", /upstash\/process\.ts$/],
    ["the Worker's keeper", /dev\/worker\.ts$/],
  ])(
    "%s ends everything else",
    async (_, command) => {
      const started = npmStart();
      await started.line(/Ready\./);
      const all = processesOf(started.process.pid as number);
      const victim = all.findLast((entry) => command.test(entry.command));
      expect(victim, all.map((entry) => entry.command).join("\n")).toBeDefined();
      process.kill(victim?.pid as number, "SIGKILL");
      await gone(all.map(({ pid }) => pid));
    },
    60_000,
  );

  test("workerd is mended, or ends everything else; nothing is left after a SIGTERM", async () => {
    const started = npmStart();
    await started.line(/Ready\./);
    const before = processesOf(started.process.pid as number);
    const victim = before.findLast(({ command }) => /workerd serve/.test(command))?.pid as number;
    process.kill(victim, "SIGKILL");
    await gone([victim]);
    const exited = started.exited.then(() => true);
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(() => Promise.race([exited, answers()]), { timeout: 40_000, interval: 100 }).toBe(true);
    const after = processesOf(started.process.pid as number);
    started.process.kill("SIGTERM");
    await started.exited;
    await gone([...before, ...after].map(({ pid }) => pid));
  }, 90_000);
});

describe("says in one sentence, with exit code 1, that", () => {
  const fails = async (env: Record<string, string>) => {
    const started = npmStart(env);
    expect(await started.exited).toBe(1);
    return started.output().trim().split("\n").at(-1);
  };

  test("the port is in use", async () => {
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    expect(await fails({})).toMatch(new RegExp(`^Port ${port} is in use by another program: .*PORT=`));
    other.close();
  });

  test("PORT is not a port", async () => {
    expect(await fails({ PORT: "eight" })).toBe('PORT is "eight": use 1 to 65535.');
  });

  test("the directory cannot be written", async () => {
    const file = path.join(directory, "file");
    await writeFile(file, "");
    expect(await fails({ LOCAL_DIR: `${file}/below` })).toMatch(/cannot be written \(ENOTDIR\): .*LOCAL_DIR/);
  });

  test("the directory is in use; Ctrl-C then ends the one that uses it", async () => {
    const first = npmStart();
    await first.line(/Ready\./);
    const lock = JSON.parse(await readFile(`${directory}/postgres.lock`, "utf8"));
    expect(await fails({ PORT: `${await freePort()}` })).toMatch(
      new RegExp(`in use by process ${lock.pid}: .*LOCAL_DIR`),
    );
    process.kill(-(first.process.pid as number), "SIGINT");
    await first.exited;
  }, 60_000);
});
