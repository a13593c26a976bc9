import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { RunTree } from "langsmith";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { withTracingToggle } from "../../sdk/src/adapters/langgraph.ts";
import { createTracingToggle, type TracingToggle } from "../../sdk/src/index.ts";
import { agent, chain, leaf, speak } from "../adapters/graphs.ts";
import { startLangSmith } from "../adapters/servers.ts";
import { blackHole, refusedUrl } from "../faults/fault-server.ts";
import { startAgent } from "../harness/agent.ts";
import { apiOf } from "../harness/api.ts";
import { freshSdk, legacyTraces } from "../harness/readers.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

const FRESHNESS_MS = 1_000;
const BUSY_MACHINE_MS = 1_000;

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let langSmith: Awaited<ReturnType<typeof startLangSmith>>;
let key: string;
let api: ReturnType<typeof apiOf>;
let id: string;

beforeAll(async () => {
  [stack, langSmith] = await Promise.all([startStack(), startLangSmith()]);
  worker = await startWorker(stack);
  key = await stack.createKey();
  api = apiOf(worker, key);
  // for the whole file: LangChain makes its default client once
  vi.stubEnv("LANGSMITH_TRACING", "true");
  vi.stubEnv("LANGSMITH_ENDPOINT", langSmith.url);
  vi.stubEnv("LANGSMITH_API_KEY", "key");
});
beforeEach(async () => {
  id = await stack.createProject();
});
afterEach(async () => {
  await sent();
  langSmith.forget();
});
afterAll(async () => {
  await worker?.close();
  await langSmith?.close();
  await stack?.close();
  vi.unstubAllEnvs();
});

async function sent(): Promise<void> {
  await awaitAllCallbacks();
  await RunTree.getSharedClient().awaitPendingTraceBatches();
}

/** The names of the runs that LangSmith receives of `work`. */
async function traceOf(work: () => Promise<unknown>): Promise<string[]> {
  await sent();
  langSmith.forget();
  await work();
  await sent();
  return langSmith.runs.map(({ name }) => name).sort();
}

const redisKey = (name: string) => `tracing:${id}:${name}`;
const input = { log: ["in"] };

test("1. switched off on the page: the next check anywhere is off, and no trace comes", async () => {
  await api.switch(id, true);
  const before = freshSdk(stack, id, { worker, key });
  expect(await before.isEnabled()).toBe(true);
  await api.switch(id, false);
  expect(await before.isEnabled(), "a process that knew on").toBe(false);
  expect(await freshSdk(stack, id).isEnabled(), "a process that starts now").toBe(false);
  expect(await legacyTraces(stack.redis, id), "a reader of the one key").toBe(false);
  expect((await api.tracing(id)).effective, "the API").toBe(false);
  const graph = withTracingToggle(leaf(), freshSdk(stack, id));
  expect(await traceOf(() => graph.invoke(input))).toEqual([]);
});

test("2. left off: no trace comes after an expiry or a flush, and the cron puts the key back", async () => {
  await api.switch(id, false);
  const graph = withTracingToggle(leaf(), freshSdk(stack, id, { worker, key }));
  await stack.redis.del(redisKey("enabled"));
  expect(await traceOf(() => graph.invoke(input))).toEqual([]);
  await stack.redis.flushall();
  expect(await traceOf(() => graph.invoke(input))).toEqual([]);
  await stack.redis.flushall();
  await worker.runCron();
  expect(await legacyTraces(stack.redis, id)).toBe(false);
});

describe("3. every branch of the check runs a graph, which answers as without it", () => {
  const policy = (fields: object) =>
    stack.redis.set(redisKey("policy"), JSON.stringify({ version: 1, enabled: true, ...fields }));
  type Given = { api?: string | null; redis?: string };

  const branches: Record<string, [traced: boolean, reason: string, given: () => Promise<Given | void>]> = {
    on: [true, "enabled", () => api.switch(id, true).then(() => {})],
    off: [false, "disabled", () => api.switch(id, false).then(() => {})],
    "sampled out": [false, "not_sampled", async () => void (await policy({ sample_rate: 0 }))],
    "a user who is never traced": [
      false,
      "user_override",
      async () => void (await policy({ overrides: { "user-1": [false, null] } })),
    ],
    "a user who is always traced, in a project that is off": [
      true,
      "user_override",
      async () => void (await policy({ enabled: false, overrides: { "user-1": [true, null] } })),
    ],
    "a break-glass": [
      false,
      "break_glass",
      async () => {
        await api.switch(id, true);
        await stack.redis.set(redisKey("enabled"), "false");
      },
    ],
    "a deleted project": [false, "deleted", async () => void (await api.call("DELETE", `/projects/${id}`))],
    "a miss, and the project is on": [true, "enabled", async () => {}],
    "a miss, and the project is off": [
      false,
      "disabled",
      async () => void (await stack.sql`update projects set tracing_enabled = false where id = ${id}`),
    ],
    "a malformed document, and the project is off": [
      false,
      "disabled",
      async () => {
        await api.switch(id, false);
        await stack.redis.mset({ [redisKey("policy")]: "{", [redisKey("enabled")]: "maybe" });
      },
    ],
    "a malformed document, and nobody else to ask": [
      true,
      "unavailable",
      async () => {
        await stack.redis.set(redisKey("policy"), "{");
        return { api: null };
      },
    ],
    "a miss, and nobody else to ask": [true, "unavailable", async () => ({ api: null })],
    "an error of Redis and of the API": [
      true,
      "unavailable",
      async () => ({ redis: await refusedUrl(), api: await refusedUrl() }),
    ],
    "a timeout of Redis and of the API": [
      true,
      "unavailable",
      async () => {
        const { url, close } = await blackHole();
        onTestFinished(close);
        return { redis: url, api: url };
      },
    ],
    "a project that nobody knows": [
      true,
      "unknown_project",
      async () => void (await stack.sql`delete from projects where id = ${id}`),
    ],
  };

  test.each(Object.entries(branches))("%s", async (_, [traced, reason, arrange]) => {
    const given = (await arrange()) ?? {};
    const url = given.api === undefined ? worker.url : given.api;
    const tracing = createTracingToggle({
      projectId: id,
      redis: { url: given.redis ?? stack.upstash.url, token: stack.tokens.readOnlyToken },
      api: url === null ? null : { url, key },
      maxAgeMs: 0,
      timeoutMs: given.redis ? 200 : 5_000,
      logger: null,
    });
    const bare = agent((graph) => graph);
    const wrapped = withTracingToggle(
      agent((graph) => withTracingToggle(graph, tracing)),
      tracing,
      {
        onDecision: (decision) => decided.push(decision.reason),
      },
    );
    const decided: string[] = [];
    let expected: unknown;
    let answer: unknown;
    const whole = await traceOf(async () => {
      expected = await bare.invoke(input);
    });
    const trace = await traceOf(async () => {
      answer = await wrapped.invoke(input, { configurable: { user_id: "user-1" } });
    });
    expect(answer).toEqual(expected);
    expect(decided).toEqual([reason]);
    expect(trace).toEqual(traced ? whole : []);
  });
});

describe("4. a toggle during a run", () => {
  /** A graph whose first node switches, and whose others are nested graphs, wrapped and bare. */
  function switching(on: boolean, tracing: TracingToggle) {
    const nested = chain({ inner: withTracingToggle(leaf(), tracing) as never, outer: leaf() as never }).compile();
    const graph = chain({
      switches: async () => {
        await api.switch(id, on);
        return { log: [] };
      },
      speaks: speak(),
      nested: nested as never,
      calls: async () => withTracingToggle(leaf(), tracing).invoke(input),
    }).compile();
    return withTracingToggle(graph, tracing);
  }

  test.each([
    ["off", false],
    ["on", true],
  ])("to %s: the run goes on as it began, whole or not at all, and the next one as switched", async (_, on) => {
    const tracing = freshSdk(stack, id, { worker, key });
    const bare = { decide: async () => ({ ...(await tracing.decide()), trace: true }) };
    const whole = await traceOf(() => switching(!on, bare as TracingToggle).invoke(input));
    await api.switch(id, !on);
    const graph = switching(on, tracing);
    expect(await traceOf(() => graph.invoke(input))).toEqual(on ? [] : whole);
    expect(await traceOf(() => graph.invoke(input))).toEqual(on ? whole : []);
  });
});

test("a change is seen by another process within a second, at the default settings", async () => {
  await api.switch(id, true);
  const process = await startAgent({
    TRACING_TOGGLE_PROJECT_ID: id,
    TRACING_TOGGLE_API_URL: worker.url,
    TRACING_TOGGLE_API_KEY: await stack.createKey({ scopes: ["report"], projectId: id }),
    UPSTASH_REDIS_REST_URL: stack.upstash.url,
    UPSTASH_REDIS_REST_TOKEN: stack.tokens.readOnlyToken,
  });
  onTestFinished(() => process.close());
  const watching = process.watch();
  expect(await watching.next()).toMatchObject({ trace: true });
  for (const on of [false, true, false]) {
    const { version } = await api.switch(id, on);
    const changedAt = Date.now();
    const seen = await watching.next();
    expect(seen).toMatchObject({ trace: on, version });
    expect(seen.at - changedAt).toBeLessThan(FRESHNESS_MS + BUSY_MACHINE_MS);
  }
});
