import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { installSdk } from "../../scripts/package.ts";
import { VERSION } from "../../sdk/src/usage.ts";
import type { UsageReport } from "../../sdk/src/wire.ts";
import { faults, json } from "../faults/fault-server.ts";
import { off, PROJECT, policy, stand } from "../sdk/stand.ts";
import { type Agent, copyAgent, forkIn, inWorkerd, missing, nodes, runtimes, type Start } from "./runtimes.ts";

const folder = mkdtempSync(path.join(tmpdir(), "tracing-toggle-runtimes-"));
let sdk: string;

beforeAll(() => {
  sdk = installSdk(folder);
  copyAgent(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A Redis and an API on real ports, and an agent that asks them. */
async function start(
  startAgent: Start,
  { metered = false, ...options }: { metered?: boolean; [option: string]: unknown } = {},
) {
  const { redis, api } = await stand();
  const env = {
    TRACING_TOGGLE_PROJECT_ID: PROJECT,
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: redis.token,
    OPTIONS: JSON.stringify({
      timeoutMs: 5_000, // a slow machine is not what is tested
      maxAgeMs: 60_000,
      ...options,
      ...(metered && { metered, api: { url: api.url, key: api.key } }),
    }),
  };
  const startIt = async (): Promise<Agent> => {
    const agent = await startAgent(folder, env);
    onTestFinished(() => agent.close());
    return agent;
  };
  return { redis, api, env, startIt };
}

describe.each(runtimes)("the package in %s", (_name, startAgent) => {
  test("decides by the project's policy, and peeks at it", async () => {
    const { redis, startIt } = await start(startAgent);
    redis.publish(policy({ version: 5, overrides: { never: [false, null] } }));
    const agent = await startIt();
    const first = await agent.ask("someone");
    expect(first).toMatchObject({
      before: { trace: true, reason: "pending", version: null },
      decision: { trace: true, reason: "enabled", version: 5, source: "redis" },
      after: { trace: true, reason: "enabled", version: 5, source: "snapshot" },
      enabled: true,
      stats: { fallbacks: 1, redis: { failures: 0 } }, // the peek before anything was read
    });
    expect(Math.abs(Date.now() - (first.decision.fetchedAt ?? 0))).toBeLessThan(60_000);
    const enabled = { trace: true, reason: "enabled", version: 5, source: "snapshot" };
    expect(await agent.ask()).toMatchObject({ before: enabled, decision: enabled, after: enabled, enabled: true });
    const never = { trace: false, reason: "user_override" };
    expect(await agent.ask("never")).toMatchObject({ before: never, decision: never, after: never, enabled: false });
    expect(redis.commands().every((command) => command.startsWith("MGET"))).toBe(true);
  });

  test("traces nothing of a project that is off", async () => {
    const { redis, startIt } = await start(startAgent, { whenUnavailable: "skip" });
    redis.publish(off({ version: 5 }));
    const agent = await startIt();
    const disabled = { trace: false, reason: "disabled" };
    expect(await agent.ask()).toMatchObject({
      before: { trace: false, reason: "pending" },
      decision: disabled,
      after: disabled,
      enabled: false,
    });
    expect(await agent.ask("someone")).toMatchObject({ before: disabled, decision: disabled, enabled: false });
  });

  test("samples the same users everywhere", async () => {
    const { redis, startIt } = await start(startAgent);
    redis.publish(policy({ version: 5, sample_rate: 0.5 }));
    const agent = await startIt();
    const sampled: string[] = [];
    for (const user of ["a", "b", "c", "d", "e", "f", "g", "h", "ä", "日本"]) {
      const { decision, after } = await agent.ask(encodeURIComponent(user));
      expect(after.trace).toBe(decision.trace);
      if (decision.trace) sampled.push(user);
    }
    expect(sampled).toEqual(["a", "e", "f", "g", "ä"]);
  });

  test("follows a project that is switched off, and stays off when Redis goes away", async () => {
    const { redis, startIt } = await start(startAgent, { maxAgeMs: 50, timeoutMs: 1_000 });
    const agent = await startIt();
    expect((await agent.ask()).enabled).toBe(true);
    redis.publish(off({ version: 2 }));
    const isOff = async () => {
      const { decision, after, enabled } = await agent.ask();
      return !decision.trace && !after.trace && !enabled;
    };
    await expect.poll(isOff, { timeout: 10_000 }).toBe(true);
    redis.fault = faults.reset;
    for (let i = 0; i < 10; i++) expect(await isOff()).toBe(true);
  });

  test("answers when Redis does not", async () => {
    const { redis, startIt } = await start(startAgent, { timeoutMs: 100 });
    redis.fault = faults.hang;
    const agent = await startIt();
    expect(await agent.ask()).toMatchObject({
      before: { trace: true, reason: "pending" },
      decision: { trace: true, reason: "unavailable", source: "fallback", version: null },
      enabled: true,
    });
  });
});

test.each(runtimes)(
  "%s reports what it decided: a new version at once, and the rest when it is told to",
  async (name, startAgent) => {
    const { redis, api, startIt } = await start(startAgent, { metered: true });
    const reports: UsageReport[] = [];
    let seen = () => {};
    const isSeen = new Promise<void>((resolve) => {
      seen = resolve;
    });
    api.server.answer = async (request, response) => {
      expect(request.url).toBe(`/api/v1/projects/${PROJECT}/usage`);
      const report: UsageReport = JSON.parse(Buffer.concat(await request.toArray()).toString());
      reports.push(report);
      if (report.policy_version === 5) seen();
      json({ accepted: true })(request, response);
    };
    redis.publish(policy({ version: 5, overrides: { never: [false, null] } }));
    const agent = await startIt();
    await agent.ask();
    await isSeen;
    const runtime = /^Node/.test(name) ? "node" : name === "workerd" ? "workerd" : "other";
    expect(reports[0]?.sdk).toEqual({ version: VERSION, runtime });

    await agent.ask("never");
    const { stats } = await agent.flush();
    const total = (reason: string) => reports.reduce((sum, { counts }) => sum + (counts[reason] ?? 0), 0);
    expect(stats.decisions).toBe(8);
    expect({ pending: total("pending"), enabled: total("enabled"), never: total("user_override") }).toEqual({
      pending: 1, // the peek before anything was read
      enabled: 3,
      never: 4,
    });
    expect(new Set(reports.map(({ batch_id }) => batch_id)).size).toBe(reports.length);
    expect(new Set(reports.map(({ instance }) => instance)).size).toBe(1);
  },
);

describe.each(Object.entries(nodes))("a script in %s", (name, binary) => {
  const version = `v${name.replace("Node ", "")}\\.\\d+\\.\\d+`;

  test("takes everything from the environment, and ends by itself", async () => {
    const { redis, env } = await start(async () => Promise.reject());
    const run = async () => {
      const child = forkIn(binary, path.join(folder, "once.mjs"), env, true);
      onTestFinished(() => void child.kill("SIGKILL"));
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
      const [code] = await once(child, "close", { signal: AbortSignal.timeout(15_000) });
      return { code, output };
    };
    expect(await run()).toEqual({ code: 0, output: expect.stringMatching(`^${version} true\\n$`) });
    redis.publish(off({ version: 2 }));
    expect(await run()).toEqual({ code: 0, output: expect.stringMatching(`^${version} false\\n$`) });
  });
});

test.each(Object.entries(nodes))("the command line in %s", async (_name, binary) => {
  const run = promisify(execFile)(binary, [path.join(sdk, "dist/cli/main.js"), "status"], { env: { HOME: folder } });
  await expect(run).rejects.toMatchObject({
    code: 3,
    stdout: "",
    stderr: expect.stringContaining("tracing-toggle login"),
  });
});

test.skip.each(missing)("the package in %s: there is no npm package of it for this platform", () => {});

describe("two requests at once in workerd", () => {
  test("the first is cancelled while it waits for Redis: the second is answered", async () => {
    const { redis, startIt } = await start(inWorkerd);
    const agent = await startIt();
    redis.fault = () => {
      redis.fault = undefined; // the first command hangs, and only that one
    };
    const asker = new AbortController();
    const first = agent.ask("first", asker.signal);
    first.catch(() => {});
    await redis.server.seen(1);
    const second = agent.ask("second");
    asker.abort();
    await expect(first).rejects.toThrow();
    expect(await second).toMatchObject({ decision: { trace: true, reason: "enabled" }, enabled: true });
    expect(await agent.ask("third")).toMatchObject({ decision: { trace: true, reason: "enabled" } });
  });
});

describe("the package", () => {
  test("has what a user needs, and no sources or tests", () => {
    const files = readdirSync(sdk, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(sdk, path.join(entry.parentPath, entry.name)));
    expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE", "package.json", "vectors/murmur3.json"]));
    expect(files.filter((file) => /\.test\.|tsbuildinfo|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    expect(readFileSync(path.join(sdk, "README.md"), "utf8").split("\n").slice(0, 20)).toContain("```ts");
  });

  test("depends on nothing, and imports no Node module", () => {
    expect(JSON.parse(readFileSync(path.join(sdk, "package.json"), "utf8"))).not.toHaveProperty("dependencies");
    for (const file of readdirSync(path.join(sdk, "dist")).filter((name) => name.endsWith(".js"))) {
      expect(readFileSync(path.join(sdk, "dist", file), "utf8")).not.toMatch(/from "(?!\.)/);
    }
  });
});
