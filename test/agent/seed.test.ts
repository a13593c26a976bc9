import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startLangSmith } from "../adapters/servers.ts";
import { blackHole, refusedUrl } from "../faults/fault-server.ts";
import { type AgentProcess, startAgent } from "../harness/agent.ts";
import { apiOf } from "../harness/api.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { legacyTraces } from "../harness/readers.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

const TIME_BOUND_MS = 200;
const BUSY_MACHINE_MS = 800;
const patient = { maxAgeMs: 0, timeoutMs: 10_000 };

let stack: Stack;
let redis: Gate;
let worker: Awaited<ReturnType<typeof startWorker>>;
let langSmith: Awaited<ReturnType<typeof startLangSmith>>;
let api: ReturnType<typeof apiOf>;
let id: string;
let settings: Record<string, string>;
/** Asks for every decision, and does not take a busy test machine for a slow network. */
let agent: AgentProcess;

beforeAll(async () => {
  [stack, langSmith] = await Promise.all([startStack(), startLangSmith()]);
  redis = await startGate(stack.upstash.url);
  worker = await startWorker({ workerEnv: { ...stack.workerEnv, UPSTASH_REDIS_REST_URL: redis.url } });
  api = apiOf(worker, await stack.createKey());
  settings = {
    LANGSMITH_TRACING: "true",
    LANGSMITH_ENDPOINT: langSmith.url,
    LANGSMITH_API_KEY: "key",
    TRACING_TOGGLE_API_URL: worker.url,
    TRACING_TOGGLE_API_KEY: await stack.createKey({ scopes: ["report"] }),
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: stack.tokens.readOnlyToken,
  };
  agent = await startAgent(settings, patient);
});
beforeEach(async () => {
  id = await stack.createProject();
});
afterEach(() => {
  redis.mode = "pass";
  langSmith.forget();
});
afterAll(async () => {
  await agent?.close();
  await worker?.close();
  await Promise.all([redis?.close(), langSmith?.close()]);
  await stack?.close();
});

/** An agent that starts now, in another process. */
async function freshAgent(options?: Parameters<typeof startAgent>[1], env = {}): Promise<AgentProcess> {
  const fresh = await startAgent({ ...settings, TRACING_TOGGLE_PROJECT_ID: id, ...env }, options);
  onTestFinished(() => fresh.close());
  return fresh;
}

const run = () => agent.run({ projectId: id });
const redisKey = (name: string) => `tracing:${id}:${name}`;
const WHOLE_TRACE = ["FakeListChatModel", "LangGraph", "__start__", "look_up", "reply", "think", "weather"];
const traced = () => [...new Set(langSmith.runs.map(({ name }) => name))].sort();

describe("test 1: toggle OFF", () => {
  test("no trace reaches LangSmith, at once and when the cache has expired or is empty", async () => {
    await run();
    expect(traced()).toEqual(WHOLE_TRACE);
    langSmith.forget();

    await api.switch(id, false);
    expect(await run()).toMatchObject({ answer: "Take an umbrella.", decision: { reason: "disabled" } });
    await stack.redis.del(redisKey("enabled"));
    await run();
    await stack.redis.flushall();
    await run();
    expect(langSmith.requests).toEqual([]);
  });

  test("a process that starts afterwards is off from its first run", async () => {
    await api.switch(id, false);
    await (await freshAgent(patient)).run();
    expect(langSmith.requests).toEqual([]);
    expect(await legacyTraces(stack.redis, id)).toBe(false);
  });
});

test("test 2: toggle ON: the next run's trace is complete", async () => {
  await api.switch(id, false);
  await run();
  await api.switch(id, true);
  expect(await run()).toMatchObject({
    answer: "Take an umbrella.",
    decision: { trace: true, reason: "enabled" },
  });
  expect(traced()).toEqual(WHOLE_TRACE);
});

describe("test 3: the check is cached", () => {
  test("a process asks nobody while its snapshot is fresh", async () => {
    await api.switch(id, false);
    const caching = await freshAgent({ ...patient, maxAgeMs: 600_000 });
    await caching.run();
    const before = { redis: redis.requests(), database: stack.neon.requests() };
    for (let i = 0; i < 20; i++) expect((await caching.run()).decision.source).toBe("snapshot");
    expect({ redis: redis.requests(), database: stack.neon.requests() }).toEqual(before);
  });

  test("a check that asks costs one request to Redis, and none to the API or the database", async () => {
    await api.switch(id, false);
    await run();
    await expect
      .poll(() => stack.sql`select 1 from projects where id = ${id} and published_version = version`)
      .toHaveLength(1);
    const before = { redis: redis.requests(), database: stack.neon.requests() };
    expect((await run()).decision.source).toBe("redis");
    expect({ redis: redis.requests() - 1, database: stack.neon.requests() }).toEqual(before);
  });
});

describe("test 4: the cache after a change", () => {
  test("holds the new value at once, for longer than five minutes when it is false", async () => {
    await api.switch(id, false);
    expect(await stack.redis.get(redisKey("enabled"))).toBe("false");
    expect(await stack.redis.ttl(redisKey("enabled"))).toBeGreaterThan(301);
    await api.switch(id, true);
    expect(await stack.redis.get(redisKey("enabled"))).toBe("true");
    expect(await stack.redis.ttl(redisKey("enabled"))).toBeLessThanOrEqual(300);
  });

  test.each([false, true])("is filled with %s by the next check when it is empty", async (on) => {
    await api.switch(id, on);
    await stack.redis.flushall();
    expect((await run()).decision).toMatchObject({ trace: on, source: "api" });
    expect(await stack.redis.get(redisKey("enabled"))).toBe(`${on}`);
    expect((await run()).decision).toMatchObject({ trace: on, source: "redis" });
  });
});

describe("test 5: fail-open", () => {
  /** Runs an agent that has just started, at the default settings, with these endpoints. */
  async function expectOpen(redisUrl: string, apiUrl: string): Promise<void> {
    const fresh = await freshAgent({}, { UPSTASH_REDIS_REST_URL: redisUrl, TRACING_TOGGLE_API_URL: apiUrl });
    const { answer, checkMs, decision } = await fresh.run();
    expect(answer).toBe("Take an umbrella.");
    expect(decision).toMatchObject({ trace: true, source: "fallback" });
    expect(checkMs).toBeLessThan(TIME_BOUND_MS + BUSY_MACHINE_MS);
    expect(traced()).toEqual(WHOLE_TRACE);
    expect(fresh.output()).toContain("defaulting to enabled");
  }

  test("Redis stopped and the API away: tracing goes on, within the time bound, and the log says so", async () => {
    await api.switch(id, false);
    await expectOpen(await refusedUrl(), await refusedUrl());
  });

  test("Redis and the API silent: the same", async () => {
    const silent = await blackHole();
    onTestFinished(() => silent.close());
    await expectOpen(silent.url, silent.url);
  });

  test("Redis stopped, the API up: it is asked, and off is off", async () => {
    await api.switch(id, false);
    redis.mode = "cut"; // for the Worker, too: it asks the database
    const fresh = await freshAgent(patient);
    expect((await fresh.run()).decision).toMatchObject({ trace: false, reason: "disabled", source: "api" });
    expect(langSmith.requests).toEqual([]);
    expect(fresh.output()).not.toContain("defaulting");

    redis.mode = "pass";
    await api.switch(id, true);
    expect((await fresh.run()).decision.trace).toBe(true);
  });
});
