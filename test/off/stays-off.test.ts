import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { DAY, HOUR, MINUTE, moveClock, resetClock, SECOND } from "../harness/clock.ts";
import { freshSdk, legacyTraces } from "../harness/readers.ts";
import { realServers, type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let key: string;
let api: ReturnType<typeof apiOf>;
let projectId: string;

beforeAll(async () => {
  stack = await startStack();
  key = await stack.createKey();
  worker = createWorker(stack);
  api = apiOf(worker, key);
});
afterAll(() => stack?.close());
beforeEach(async () => {
  projectId = await stack.createProject();
});
afterEach(async () => {
  await worker.settled();
  resetClock();
});

/** Off for a process that starts now, for readers of the one key, and by the API. */
async function expectOff(): Promise<void> {
  const sdk = freshSdk(stack, projectId);
  expect(await sdk.isEnabled({ userId: "user-1" }), "SDK without the API").toBe(false);
  expect(await legacyTraces(stack.redis, projectId), "reader of the one key").toBe(false);
}

// A real Redis' clock cannot be moved from here; the embedded one's can.
describe.skipIf(realServers())("a project that was switched off is still off", () => {
  test("after 301 s, a day and almost a week with the Worker and the database dead", async () => {
    await api.switch(projectId, false);
    for (const elapsed of [301 * SECOND, DAY - 301 * SECOND, 6 * DAY - MINUTE]) {
      moveClock(elapsed);
      await expectOff();
    }
  });

  test("after a week with the Worker dead since a minute after the change", async () => {
    await api.switch(projectId, false);
    moveClock(61 * SECOND);
    await worker.runCron();
    moveClock(7 * DAY - 61 * SECOND);
    await expectOff();
  });

  test("after three weeks with the cron alive", async () => {
    await api.switch(projectId, false);
    for (let elapsed = 0; elapsed < 21 * DAY; elapsed += 6 * HOUR) {
      moveClock(6 * HOUR);
      await worker.runCron();
      expect(await legacyTraces(stack.redis, projectId)).toBe(false);
    }
    await expectOff();
  });

  test("for a process that knew it, after every key is gone and nobody answers", async () => {
    await api.switch(projectId, false);
    const sdk = freshSdk(stack, projectId);
    expect(await sdk.isEnabled()).toBe(false);
    moveClock(30 * DAY);
    expect(await sdk.isEnabled()).toBe(false);
  });
});

describe.skipIf(realServers())("a deleted project", () => {
  test("that was off stays off for 30 days with the Worker dead", async () => {
    await api.switch(projectId, false);
    expect((await api.call("DELETE", `/projects/${projectId}`)).status).toBe(204);
    await worker.settled();
    moveClock(29 * DAY);
    await expectOff();
  });

  test("is off afterwards too, where the API is asked", async () => {
    await api.call("DELETE", `/projects/${projectId}`);
    moveClock(365 * DAY);
    await worker.runCron();
    const sdk = freshSdk(stack, projectId, { worker, key });
    expect(await sdk.decide()).toMatchObject({ trace: false, reason: "deleted" });
  });
});

test("a flushed Redis: off at the next check, and the key reads false again after the next cron", async () => {
  await api.switch(projectId, false);
  await worker.settled();
  await stack.redis.flushall();
  const sdk = freshSdk(stack, projectId, { worker, key });
  expect(await sdk.decide()).toMatchObject({ trace: false, reason: "disabled", source: "api" });

  await stack.redis.flushall();
  await worker.runCron();
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
});

test("a key that was evicted or overwritten reads false again after the next cron", async () => {
  await api.switch(projectId, false);
  await worker.settled();
  await stack.redis.set(`tracing:${projectId}:enabled`, "true");
  await worker.runCron();
  expect(await legacyTraces(stack.redis, projectId)).toBe(false);
});

test("a project that is on needs no key: it is on for readers of the one key, and the SDK has it from the API", async () => {
  await api.switch(projectId, true);
  await worker.settled();
  await stack.redis.flushall();
  expect(await legacyTraces(stack.redis, projectId)).toBe(true);
  const sdk = freshSdk(stack, projectId, { worker, key });
  expect(await sdk.decide()).toMatchObject({ trace: true, reason: "enabled", source: "api" });
  expect(await stack.redis.get(`tracing:${projectId}:enabled`)).toBe("true");
});

test.skipIf(realServers())(
  "a Redis that lost its last second after a change was acknowledged has it within two minutes",
  async () => {
    await api.switch(projectId, true);
    await worker.settled();
    const keys = ["enabled", "policy", "version"].map((name) => `tracing:${projectId}:${name}`);
    const before = await stack.redis.mget(...keys);
    await api.switch(projectId, false);
    await worker.settled();
    for (const [i, name] of keys.entries()) await stack.redis.set(name, before[i] as string);
    expect(await legacyTraces(stack.redis, projectId)).toBe(true);

    moveClock(MINUTE);
    await worker.runCron();
    await expectOff();
  },
);
