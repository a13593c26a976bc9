import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { type Gate, startGate } from "../harness/gate.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorkerd } from "../harness/workerd.ts";

let stack: Stack;
let database: Gate;
let redis: Gate;
let worker: Awaited<ReturnType<typeof startWorkerd>>;
let key: string;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  [database, redis] = await Promise.all([startGate(stack.neon.url), startGate(stack.upstash.url)]);
  const gates = { NEON_FETCH_ENDPOINT: `${database.url}/sql`, UPSTASH_REDIS_REST_URL: redis.url };
  worker = await startWorkerd({ workerEnv: { ...stack.workerEnv, ...gates } });
  // A first request may take longer than Redis is given; without Redis nothing is filled.
  await fetch(`${worker.url}/readyz`);
});
beforeEach(async () => {
  id = await stack.createProject();
  key = await stack.createKey();
});
afterAll(async () => {
  await worker?.close();
  await Promise.all([database?.close(), redis?.close()]);
  await stack?.close();
});

/** `GET tracing` by an asker who leaves, as an SDK does when its time is up; with a reset, which workerd notices at once. */
function ask() {
  const headers = { authorization: `Bearer ${key}` };
  const asker = request(`${worker.url}/api/v1/projects/${id}/tracing`, { headers, agent: false });
  asker.on("error", () => {}).end();
  return {
    async leave() {
      const closed = new Promise((resolve) => asker.once("close", resolve));
      asker.socket?.resetAndDestroy();
      await closed;
    },
  };
}

/** Listens for the next publication of the project. */
async function listen(): Promise<{ published: Promise<void> }> {
  const subscriber = stack.redis.duplicate();
  onTestFinished(() => subscriber.disconnect());
  await subscriber.subscribe(`tracing:${id}:changes`);
  return { published: new Promise((resolve) => subscriber.once("message", () => resolve())) };
}

test.each(["the project", "the key"])("while the database looks for %s: Redis is filled all the same", async (what) => {
  const { published } = await listen();
  const query = database.hold(what === "the key" ? (key.split("_")[1] as string) : id);
  const asker = ask();
  const held = await query;
  await asker.leave();
  // The Worker learns of it before the database answers.
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  held.release();
  await published;
  expect(await stack.redis.get(`tracing:${id}:enabled`)).toBe("true");
});
