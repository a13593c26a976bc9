import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TIMEOUTS_MS } from "../../worker/store/redis.ts";
import { apiOf } from "../harness/api.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { captureLog } from "../harness/log.ts";
import { roundTripsOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

// Where a Redis hangs and then answers: a busy machine must not be taken for one that hangs still.
const UNHURRIED_MS = { ...TIMEOUTS_MS, read: 2_000 };

const clock = { now: Date.now() };
captureLog();
let stack: Stack;
let gate: Gate;
let worker: ReturnType<typeof createWorker>;
let key: string;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  gate = await startGate(stack.upstash.url);
  key = await stack.createKey();
});
beforeEach(async () => {
  clock.now = Date.now();
  worker = workerOf(UNHURRIED_MS);
  id = await stack.createProject();
});
afterEach(async () => {
  gate.mode = "pass";
  await worker.settled();
});
afterAll(async () => {
  await gate?.close();
  await stack?.close();
});

const workerOf = (timeoutsMs: typeof TIMEOUTS_MS) =>
  createWorker({ workerEnv: { ...stack.workerEnv, UPSTASH_REDIS_REST_URL: gate.url } }, clock, timeoutsMs);
const api = () => apiOf(worker, key);
const patch = (on: boolean) => api().call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: on });
const get = () => api().call("GET", `/projects/${id}/tracing`);
const redisKey = (name: string) => `tracing:${id}:${name}`;

describe.each(["cut", "hang"] as const)("with Redis away (%s)", (mode) => {
  test("a change is accepted as pending, and live after the next cron", async () => {
    gate.mode = mode;
    const response = await patch(false);
    expect(response.status).toBe(200);
    const { version, ...answer } = await response.json();
    expect(answer).toMatchObject({ status: "ok", tracing_enabled: false, propagation: "pending", effective: false });
    expect(await stack.redis.get(redisKey("enabled"))).toBeNull();
    const events = async () => (await (await api().call("GET", `/projects/${id}/events`)).json()).events;
    expect((await events())[0]).toMatchObject({ action: "tracing.disabled", live_after_ms: null });
    gate.mode = "pass";
    await worker.runCron();
    expect(await stack.redis.mget(redisKey("enabled"), redisKey("version"))).toEqual(["false", `${version}`]);
    expect((await events())[0]).toMatchObject({ live_after_ms: expect.any(Number) });
  });

  test("GET tracing tells the state from the database", async () => {
    await patch(false);
    gate.mode = mode;
    const response = await get();
    const state = await response.json();
    expect(state).toMatchObject({
      effective: false,
      reason: "disabled",
      source: "postgres",
      policy: { enabled: false },
    });
    expect(state, "the key was not read: a break-glass may hold").not.toHaveProperty("enabled");
  });

  test("GET tracing asks Redis again only after five seconds", async () => {
    gate.mode = mode;
    await get();
    const before = gate.requests();
    clock.now += 4_999;
    expect(roundTripsOf(await get())).toMatchObject({ redis: 0 });
    gate.mode = "pass";
    clock.now += 1;
    await (await get()).json();
    expect(gate.requests()).toBeGreaterThan(before);
    expect(await (await get()).json()).toMatchObject({ source: "redis" });
  });

  test("readyz says which store is away, healthz is not concerned", async () => {
    gate.mode = mode;
    const readyz = await worker.fetch("/readyz");
    expect(readyz.status).toBe(503);
    expect(readyz.headers.get("retry-after")).toBe("5");
    expect(await readyz.json()).toEqual({ status: "unavailable", postgres: "ok", redis: "unavailable" });
    expect((await worker.fetch("/healthz")).status).toBe(200);
  });
});

test("with Redis away a project can be created, renamed and deleted, and Redis has it all after the next cron", async () => {
  gate.mode = "cut";
  const created = await api().call("POST", "/projects", { name: "new" });
  expect(created.status).toBe(201);
  id = (await created.json()).id;
  expect((await api().call("PATCH", `/projects/${id}`, { name: "newer" })).status).toBe(200);
  expect((await api().call("DELETE", `/projects/${id}`)).status).toBe(204);
  gate.mode = "pass";
  await worker.runCron();
  expect(await stack.redis.get(redisKey("enabled"))).toBe("false");
  expect((await get()).status).toBe(410);
});

test("GET tracing waits for a Redis that hangs a fraction of a second, once", async () => {
  worker = workerOf(TIMEOUTS_MS);
  await (await get()).json();
  clock.now += 9_000; // the key is remembered still
  gate.mode = "hang";
  const first = performance.now();
  await (await get()).json();
  expect(performance.now() - first).toBeLessThan(1_500);
  const requests = gate.requests();
  await (await get()).json();
  expect(gate.requests(), "not asked again").toBe(requests);
});

describe("rubbish in Redis", () => {
  const rubbish: Record<string, (set: (name: string, value: string) => Promise<unknown>) => Promise<unknown>> = {
    "lists under all keys": () =>
      Promise.all(["enabled", "policy", "version"].map((name) => stack.redis.rpush(redisKey(name), "x"))),
    "a hash for the version": () => stack.redis.hset(redisKey("version"), "a", "b"),
    "a set for the document": () => stack.redis.sadd(redisKey("policy"), "x"),
    "a text for the document": (set) => set("policy", "not JSON"),
    "bytes for the document": () => stack.redis.set(redisKey("policy"), Buffer.from([0xff, 0x00, 0xfe])),
    "half a document": (set) => set("policy", '{"version":1,"enabled":tr'),
    "a document of another kind": (set) => set("policy", '["version",1]'),
    "a document with a version that is none": (set) => set("policy", '{"version":{},"enabled":true}'),
    "a text for the version": (set) => set("version", "latest"),
    "nothing for the version": (set) => set("version", ""),
    "infinity for the version": (set) => set("version", "1e999"),
    "no number for the version": (set) => set("version", "nan"),
    "the largest version": (set) => set("version", "9007199254740991"),
    "a version beyond all": (set) => set("version", "99999999999999999999"),
    "a negative version": (set) => set("version", "-1"),
    "a text for enabled": (set) => set("enabled", "maybe"),
    "an empty text for enabled": (set) => set("enabled", ""),
  };

  test.each(Object.entries(rubbish))("%s: GET tracing answers, and a change puts it right", async (_, put) => {
    await put((name, value) => stack.redis.set(redisKey(name), value));
    const response = await get();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ effective: true, reason: "enabled" });
    const off = await (await patch(false)).json();
    expect(off).toMatchObject({ propagation: "live", effective: false });
    expect(Number.isSafeInteger(off.version)).toBe(true);
    expect(await (await get()).json()).toMatchObject({ effective: false, version: off.version });
    expect(await stack.redis.mget(redisKey("enabled"), redisKey("version"))).toEqual(["false", `${off.version}`]);
  });

  test("the cron puts it right, and the projects beside it", async () => {
    const beside = await stack.createProject();
    await stack.redis.rpush(redisKey("version"), "x");
    await stack.sql`update projects set tracing_enabled = false where id in (${id}, ${beside})`;
    await worker.runCron();
    expect(await stack.redis.mget(redisKey("enabled"), `tracing:${beside}:enabled`)).toEqual(["false", "false"]);
  });
});

test("a change that was held back for longer than a month is published, and its age is told as the longest there is", async () => {
  gate.mode = "cut";
  await patch(false);
  gate.mode = "pass";
  await stack.sql`update events set created_at = now() - interval '40 days' where project_id = ${id}`;
  await worker.runCron();
  const [row] = await stack.sql`select version = published_version as done from projects where id = ${id}`;
  expect(row).toEqual({ done: true });
  const { events } = await (await api().call("GET", `/projects/${id}/events`)).json();
  expect(events[0].live_after_ms).toBe(2 ** 31 - 1);
});
