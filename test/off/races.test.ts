import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { freshSdk, legacyTraces } from "../harness/readers.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker, startWorker } from "../harness/worker.ts";

let stack: Stack;
let gate: Gate;
/** A Worker whose way to Redis leads through the gate. */
let gated: ReturnType<typeof createWorker>;
let worker: ReturnType<typeof createWorker>;
let key: string;
let projectId: string;

beforeAll(async () => {
  stack = await startStack();
  gate = await startGate(stack.upstash.url);
  key = await stack.createKey();
  worker = createWorker(stack);
  gated = createWorker({ workerEnv: { ...stack.workerEnv, UPSTASH_REDIS_REST_URL: gate.url } });
});
afterAll(async () => {
  await gate?.close();
  await stack?.close();
});
beforeEach(async () => {
  projectId = await stack.createProject();
});
afterEach(async () => {
  await Promise.all([worker.settled(), gated.settled()]);
});

const traces = () => freshSdk(stack, projectId, { worker, key }).isEnabled();

test("a reader that loaded the old value before a change and writes it after: off", async () => {
  const held = gate.hold("tracing_toggle_publish");
  const reading = apiOf(gated, key).tracing(projectId);
  const fill = await held;
  await apiOf(worker, key).switch(projectId, false);
  fill.release();
  await reading;
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
  expect(await traces()).toBe(false);
});

test("two changes whose writes arrive in the wrong order: the later one counts", async () => {
  const held = gate.hold("tracing_toggle_publish");
  const switchingOn = apiOf(gated, key).switch(projectId, true);
  const firstWrite = await held;
  await apiOf(worker, key).switch(projectId, false);
  firstWrite.release();
  await switchingOn;
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
  expect(await traces()).toBe(false);
});

test("a Worker killed between the commit and its write to Redis: live after the next cron", async () => {
  const doomed = await startWorker({ workerEnv: { ...stack.workerEnv, UPSTASH_REDIS_REST_URL: gate.url } });
  const held = gate.hold("tracing_toggle_publish");
  const answer = apiOf(doomed, key)
    .switch(projectId, false)
    .catch(() => "the connection was cut");
  const write = await held;
  await doomed.close();
  write.drop();
  await answer;
  expect(await legacyTraces(stack.redis, projectId), "nothing was written").toBe(true);

  await worker.runCron();
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
  expect(await traces()).toBe(false);
});

test("a change made while Redis is away is pending, and live after the next cron", async () => {
  const held = gate.hold("tracing_toggle_publish");
  const answer = apiOf(gated, key).switch(projectId, false);
  (await held).drop();
  expect(await answer).toMatchObject({ propagation: "pending", effective: false });
  await worker.runCron();
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
});

test("a database restored from before the last changes: the next change works at once", async () => {
  const api = apiOf(worker, key);
  const first = await api.switch(projectId, true);
  await api.switch(projectId, false);
  const last = await api.switch(projectId, true);
  await worker.settled();
  await stack.sql`update projects set version = ${first.version - 1_000}, published_version = ${first.version - 1_000}
    where id = ${projectId}`;

  // A clock that was ahead when the lost changes were made: their versions lie in the future.
  const future = last.version + 3_600_000;
  await stack.redis.set(`tracing:${projectId}:version`, future);
  const change = await api.switch(projectId, false);
  expect(change.propagation).toBe("live");
  expect(change.version).toBeGreaterThan(future);
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
  expect(await traces()).toBe(false);
});

test("a database restored from before: the cron lifts what is unpublished above what stands in Redis", async () => {
  await apiOf(worker, key).switch(projectId, true);
  await worker.settled();
  await stack.redis.set(`tracing:${projectId}:version`, Date.now() + 3_600_000);
  await stack.sql`update projects set tracing_enabled = false, version = version + 1 where id = ${projectId}`;
  await worker.runCron();
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
  expect(await traces()).toBe(false);
});
