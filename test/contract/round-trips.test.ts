import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { roundTripsOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

/** Part of the statement by which the database learns, after the answer, what Redis has. */
const MARK = "published_version = greatest";

let stack: Stack;
let gate: Gate;
let worker: ReturnType<typeof createWorker>;
let api: ReturnType<typeof apiOf>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  gate = await startGate(stack.neon.url);
  worker = createWorker({ workerEnv: { ...stack.workerEnv, NEON_FETCH_ENDPOINT: `${gate.url}/sql` } });
});
beforeEach(async () => {
  api = apiOf(worker, await stack.createKey());
  id = await stack.createProject();
});
afterEach(() => worker.settled());
afterAll(async () => {
  await gate?.close();
  await stack?.close();
});

/** How many requests reach the database and Redis until the answer is there, by the endpoints' and the Worker's count. */
async function tripsOf(work: () => Promise<Response>): Promise<{ db: number; redis: number }> {
  const before = { db: stack.neon.requests(), redis: stack.upstash.requests() };
  const response = await work();
  const trips = { db: stack.neon.requests() - before.db, redis: stack.upstash.requests() - before.redis };
  expect(response.status).toBe(200);
  expect(roundTripsOf(response), "Server-Timing").toEqual(trips);
  await response.arrayBuffer();
  return trips;
}

const remembered = async () => {
  await api.call("GET", "/projects?limit=1");
  await worker.settled(); // the first use in a minute is noted
};
const patch = () => api.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: false });
const get = () => api.call("GET", `/projects/${id}/tracing`);

test("PATCH tracing waits for one round trip to the database and one to Redis", async () => {
  await remembered();
  const mark = gate.hold(MARK); // it may be sent before the answer, but the answer must not wait for it
  expect(await tripsOf(patch)).toEqual({ db: 1, redis: 1 });
  (await mark).release();
});

test("PATCH tracing with a key not seen lately waits for one more to the database", async () => {
  const mark = gate.hold(MARK);
  expect(await tripsOf(patch)).toEqual({ db: 2, redis: 1 });
  (await mark).release();
});

test("GET tracing on a hit asks Redis once, and the database not at all", async () => {
  await patch();
  await worker.settled();
  expect(await tripsOf(get)).toEqual({ db: 0, redis: 1 });
});

test("GET tracing on a hit with a key not seen lately asks the database for the key alone", async () => {
  await patch();
  await worker.settled();
  api = apiOf(worker, await stack.createKey());
  expect(await tripsOf(get)).toEqual({ db: 1, redis: 1 });
});

test("GET tracing on a miss asks each store once, and fills Redis", async () => {
  await remembered();
  const mark = gate.hold(MARK);
  expect(await tripsOf(get)).toEqual({ db: 1, redis: 2 });
  (await mark).release();
  await worker.settled();
  expect(await tripsOf(get)).toEqual({ db: 0, redis: 1 });
});

test("the minute cron publishes many projects in a handful of round trips", async () => {
  await worker.runCron();
  await stack.sql`insert into projects (name, tracing_enabled) select 'many', false from generate_series(1, 700)`;
  const before = { db: stack.neon.requests(), redis: stack.upstash.requests() };
  await worker.runCron();
  // twice claim, publish and mark; an empty claim less; then which are off, and their keys
  expect(stack.neon.requests() - before.db).toBeLessThanOrEqual(6);
  expect(stack.upstash.requests() - before.redis).toBeLessThanOrEqual(4);
  const [{ unpublished }] = (await stack.sql`
    select count(*)::int as unpublished from projects where version > published_version`) as [{ unpublished: number }];
  expect(unpublished).toBe(0);
});
