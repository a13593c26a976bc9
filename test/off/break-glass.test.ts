import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { moveClock, resetClock, SECOND } from "../harness/clock.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { freshSdk, legacyTraces } from "../harness/readers.ts";
import { realServers, type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

let stack: Stack;
let gate: Gate;
let worker: ReturnType<typeof createWorker>;
let gated: ReturnType<typeof createWorker>;
let key: string;
let api: ReturnType<typeof apiOf>;
let projectId: string;

beforeAll(async () => {
  stack = await startStack();
  gate = await startGate(stack.upstash.url);
  key = await stack.createKey();
  worker = createWorker(stack);
  gated = createWorker({ workerEnv: { ...stack.workerEnv, UPSTASH_REDIS_REST_URL: gate.url } });
  api = apiOf(worker, key);
});
afterAll(async () => {
  await gate?.close();
  await stack?.close();
});
beforeEach(async () => {
  projectId = await stack.createProject();
  await api.switch(projectId, true);
  await worker.settled();
});
afterEach(async () => {
  await Promise.all([worker.settled(), gated.settled()]);
  resetClock();
});

const breakGlass = () => stack.redis.set(`tracing:${projectId}:enabled`, "false");

test("stops everyone with the Worker and the database dead", async () => {
  await breakGlass();
  expect(await freshSdk(stack, projectId).decide()).toMatchObject({ trace: false, reason: "break_glass" });
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
});

test("stops everyone when the document is gone as well", async () => {
  await breakGlass();
  await stack.redis.del(`tracing:${projectId}:policy`, `tracing:${projectId}:version`);
  expect(await freshSdk(stack, projectId).isEnabled()).toBe(false);
  expect(await freshSdk(stack, projectId, { worker, key }).isEnabled()).toBe(false);
});

test.each([true, false])("is not lifted by a change that is for a version, the project being on: %s", async (isOn) => {
  const { version } = (await api.switch(projectId, isOn)) as { version: number };
  await worker.settled();
  await breakGlass();
  const body = { tracing_enabled: true, reason: "undo" };
  const undone = await api.call("PATCH", `/projects/${projectId}/tracing`, body, { "if-match": `"${version}"` });
  expect(await undone.json()).toMatchObject({ propagation: "held", effective: false, reason: "break_glass" });
  await worker.settled();
  await worker.runCron();
  expect(await freshSdk(stack, projectId, { worker, key }).isEnabled()).toBe(false);
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
});

test("shows in the API, and is not bypassed by it", async () => {
  await breakGlass();
  expect(await api.tracing(projectId)).toMatchObject({ effective: false, reason: "break_glass", enabled: false });
  await stack.redis.del(`tracing:${projectId}:policy`, `tracing:${projectId}:version`);
  expect(await api.tracing(projectId), "after a fill").toMatchObject({ effective: false, reason: "break_glass" });
  expect(await freshSdk(stack, projectId, { worker, key }).decide()).toMatchObject({ trace: false });
});

test("holds against the cron, a fill and any change but the switch", async () => {
  await breakGlass();
  await stack.sql`update projects set version = version + 1 where id = ${projectId}`;
  await worker.runCron();
  await api.call("PATCH", `/projects/${projectId}`, { name: "renamed" });
  await worker.settled();
  expect(await stack.redis.get(`tracing:${projectId}:enabled`)).toBe("false");
  expect(await stack.redis.pttl(`tracing:${projectId}:enabled`)).toBe(-1);
  expect(await freshSdk(stack, projectId).decide()).toMatchObject({ trace: false, reason: "break_glass" });
});

test("is lifted by switching on, which says so", async () => {
  await breakGlass();
  const answer = { propagation: "live", effective: true, before: { break_glass: true } };
  expect(await api.switch(projectId, true)).toMatchObject(answer);
  expect(await freshSdk(stack, projectId).isEnabled()).toBe(true);
});

test("becomes an ordinary off by switching off", async () => {
  await breakGlass();
  const answer = { propagation: "live", reason: "disabled", before: { break_glass: true } };
  expect(await api.switch(projectId, false)).toMatchObject(answer);
  expect(await stack.redis.pttl(`tracing:${projectId}:enabled`)).toBeGreaterThan(0);
});

test("that stood over a project that is off already is told when it is lifted", async () => {
  await api.switch(projectId, false);
  await breakGlass();
  expect(await api.switch(projectId, true)).toMatchObject({ propagation: "live", before: { break_glass: true } });
  expect(await api.switch(projectId, true), "there is none any more").toMatchObject({ before: { break_glass: false } });
});

const CAREFUL = { lift_break_glass: false };

test.for([
  [true, { tracing_enabled: false }],
  [true, { tracing_enabled: true }],
  [false, { tracing_enabled: true }],
  [true, { tracing_enabled: false, duration_seconds: 60 }],
  [false, { tracing_enabled: true, duration_seconds: 60 }],
] as const)("is not lifted unless that is asked for: project on %s, %j", async ([isOn, change]) => {
  await api.switch(projectId, isOn);
  await worker.settled();
  await breakGlass();
  const answer = await (await api.call("PATCH", `/projects/${projectId}/tracing`, { ...change, ...CAREFUL })).json();
  expect(answer).toMatchObject({ propagation: "held", effective: false, before: { break_glass: true } });
  await worker.settled();
  await worker.runCron();
  // the one way back that an undo or the end of the while can take
  const back = await api.call("PATCH", `/projects/${projectId}/tracing`, { tracing_enabled: true, ...CAREFUL });
  expect(await back.json()).toMatchObject({ effective: false, reason: "break_glass" });
  expect(await freshSdk(stack, projectId, { worker, key }).isEnabled()).toBe(false);
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
});

test("is lifted by a change for a version when that is asked for", async () => {
  const { version } = await api.switch(projectId, true);
  await breakGlass();
  const body = { tracing_enabled: true, lift_break_glass: true };
  const lifted = await api.call("PATCH", `/projects/${projectId}/tracing`, body, { "if-match": `"${version}"` });
  expect(await lifted.json()).toMatchObject({ propagation: "live", effective: true });
});

/** Another change reaches Redis while this request is about to write there. */
async function overtaken<T>(request: Promise<T>, atTheGate: ReturnType<Gate["hold"]>): Promise<T> {
  const write = await atTheGate;
  await api.call("PATCH", `/projects/${projectId}`, { name: "renamed meanwhile" });
  write.release();
  return request;
}

test.for([true, false])("is lifted by a change that another one overtakes, if that is asked for: %s", async (lifts) => {
  await breakGlass();
  const body = { tracing_enabled: true, lift_break_glass: lifts };
  const atTheGate = gate.hold("tracing_toggle_publish");
  const answer = await overtaken(apiOf(gated, key).call("PATCH", `/projects/${projectId}/tracing`, body), atTheGate);
  const told = { propagation: lifts ? "live" : "held", effective: lifts, before: { break_glass: true } };
  expect(await answer.json()).toMatchObject(told);
  expect(await freshSdk(stack, projectId).isEnabled()).toBe(lifts);
});

test("is told by a read whose fill a change overtakes", async () => {
  await breakGlass();
  await stack.redis.del(`tracing:${projectId}:policy`, `tracing:${projectId}:version`);
  const atTheGate = gate.hold("tracing_toggle_publish");
  const read = await overtaken(apiOf(gated, key).tracing(projectId), atTheGate);
  expect(read).toMatchObject({ effective: false, reason: "break_glass", enabled: false });
});

test("is not lifted by a change that did not reach Redis", async () => {
  await breakGlass();
  const held = gate.hold("tracing_toggle_publish");
  const answer = apiOf(gated, key).switch(projectId, true);
  (await held).drop();
  expect(await answer).toMatchObject({ propagation: "pending", before: { break_glass: null } });
  await worker.runCron();
  expect(await freshSdk(stack, projectId).decide()).toMatchObject({ trace: false, reason: "break_glass" });
});

test.skipIf(realServers())("is not lifted by a change that was stalled since before the glass was broken", async () => {
  const held = gate.hold("tracing_toggle_publish");
  const answer = apiOf(gated, key).switch(projectId, true);
  const write = await held;
  moveClock(6 * SECOND);
  await breakGlass();
  write.release();
  expect(await answer).toMatchObject({ propagation: "held", effective: false, reason: "break_glass" });
  expect(await freshSdk(stack, projectId).decide()).toMatchObject({ trace: false, reason: "break_glass" });
});

test("stays in force for a process that saw it, when Redis and the API are gone", async () => {
  await breakGlass();
  const sdk = freshSdk(stack, projectId);
  expect(await sdk.isEnabled()).toBe(false);
  await stack.redis.flushall();
  expect(await sdk.isEnabled()).toBe(false);
});

test("a process that saw it goes on when the key is deleted", async () => {
  await breakGlass();
  const sdk = freshSdk(stack, projectId);
  expect(await sdk.isEnabled()).toBe(false);
  await stack.redis.del(`tracing:${projectId}:enabled`);
  expect(await sdk.isEnabled()).toBe(true);
});

test("is not bypassed through the API by a process that saw it, when neither can read Redis any more", async () => {
  await breakGlass();
  const cut = await startGate(stack.upstash.url);
  const blind = createWorker({ workerEnv: { ...stack.workerEnv, UPSTASH_REDIS_REST_URL: cut.url } });
  const sdk = freshSdk({ ...stack, upstash: { ...stack.upstash, url: cut.url } }, projectId, { worker: blind, key });
  expect(await sdk.decide()).toMatchObject({ reason: "break_glass" });
  await cut.close();
  expect(await sdk.decide()).toMatchObject({ trace: false, reason: "break_glass" });
  expect((await apiOf(blind, key).tracing(projectId)).source).toBe("postgres");
});
