import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { DAY, SECOND } from "../harness/clock.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const clock = { now: 0 };
let stack: Stack;
let gate: Gate;
let worker: ReturnType<typeof createWorker>;
let adminKey: string;
let admin: ReturnType<typeof apiOf>;

beforeAll(async () => {
  stack = await startStack();
  gate = await startGate(stack.neon.url);
  worker = createWorker({ workerEnv: { ...stack.workerEnv, NEON_FETCH_ENDPOINT: `${gate.url}/sql` } }, clock);
});
beforeEach(async () => {
  clock.now = Date.now();
  adminKey = await stack.createKey({ name: "Ada" });
  admin = apiOf(worker, adminKey);
  await admin.call("GET", "/keys");
  await worker.settled();
});
afterEach(() => worker.settled());
afterAll(async () => {
  await gate?.close();
  await stack?.close();
});

type Json = Record<string, unknown> & { id: string; key: string };
const post = (path: string, body: unknown, key: string, api = admin) =>
  api.call("POST", path, body, { "idempotency-key": key });
const json = async (response: Response) => (await response.json()) as Json;
const refusal = async (response: Response) => [response.status, (await problemOf(response)).code];
const counts = async () => {
  const [row] = await stack.sql`select (select count(*)::int from projects) as projects,
    (select count(*)::int from api_keys) as keys, (select count(*)::int from events) as events`;
  return row as { projects: number; keys: number; events: number };
};

const requests = {
  "a project": async () => ["/projects", { name: "new", tracing_enabled: false, reason: "trial" }],
  "a key": async () => ["/keys", { name: "CI", scopes: ["write"] }],
  "a rotation": async () => [
    `/keys/${(await stack.createKey({ name: "old" })).split("_")[1]}/rotate`,
    { expires_in: 60 },
  ],
} as Record<string, () => Promise<[path: string, body: Record<string, unknown>]>>;

describe.each(Object.entries(requests))("%s with an Idempotency-Key", (_, request) => {
  test("is made once, and answered again in the same words", async () => {
    const [path, body] = await request();
    const key = randomUUID();
    const before = await counts();
    const first = await post(path, body, key);
    expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([201, null]);
    const made = await json(first);
    await worker.settled();
    clock.now += 60 * SECOND;
    for (let i = 0; i < 2; i++) {
      const again = await post(path, body, key);
      expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
      expect(again.headers.get("location")).toBe(first.headers.get("location"));
      expect(await json(again)).toEqual(made);
    }
    const after = await counts();
    expect(after.projects + after.keys + after.events).toBe(before.projects + before.keys + before.events + 2);
  });

  test("and another body or path is a 422", async () => {
    const [path, body] = await request();
    const key = randomUUID();
    await post(path, body, key);
    expect(await refusal(await post(path, { ...body, reason: "other" }, key))).toEqual([422, "idempotency_key_reused"]);
    const other = path === "/projects" ? requests["a key"] : requests["a project"];
    const [otherPath, otherBody] = await (other as (typeof requests)[string])();
    expect(await refusal(await post(otherPath, otherBody, key))).toEqual([422, "idempotency_key_reused"]);
  });

  test("is a 409 while it is carried out", async () => {
    const [path, body] = await request();
    const key = randomUUID();
    const held = gate.hold("insert into"); // the claim
    const first = post(path, body, key);
    const claim = await held;
    const work = gate.hold("insert into");
    claim.release();
    const working = await work;
    const second = await post(path, body, key);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refusal(second)).toEqual([409, "idempotency_in_flight"]);
    working.release();
    const made = await json(await first);
    await worker.settled();
    expect(await json(await post(path, body, key))).toEqual(made);
  });

  test("is made once when the answer never came, whether the work arrived or not", async () => {
    const [path, body] = await request();
    for (const arrives of [true, false]) {
      const key = randomUUID();
      const before = await counts();
      const held = gate.hold("insert into");
      const first = post(path, body, key);
      const claim = await held;
      const work = gate.hold("insert into");
      claim.release();
      (await work)[arrives ? "lose" : "drop"]();
      expect(await refusal(await first)).toEqual([503, "unavailable"]);
      if (!arrives) expect((await post(path, body, key)).status).toBe(409);
      clock.now += 21 * SECOND;
      const second = await post(path, body, key);
      expect(second.status).toBe(201);
      const made = await json(second);
      await worker.settled();
      expect(await json(await post(path, body, key))).toEqual(made);
      const after = await counts();
      expect(after.projects + after.keys).toBe(before.projects + before.keys + 1);
    }
  });

  test("that is refused may be put right and sent again", async () => {
    const [path, body] = await request();
    const key = randomUUID();
    const weak = apiOf(worker, await stack.createKey({ scopes: ["read"] }));
    expect((await post(path, body, key, weak)).status).toBe(403);
    expect((await post(path, { ...body, wrong: 1 }, key)).status).toBe(422);
    expect((await post(path, body, key)).status).toBe(201);
  });
});

test("a request that was cut off late does nothing once it was carried out anew", async () => {
  const body = { name: "late" };
  const key = randomUUID();
  const held = gate.hold("insert into");
  const late = post("/projects", body, key);
  const claim = await held;
  const work = gate.hold("insert into");
  claim.release();
  const working = await work;
  clock.now += 21 * SECOND;
  const made = await json(await post("/projects", body, key));
  await worker.settled();
  working.release();
  expect(await refusal(await late)).toEqual([409, "idempotency_in_flight"]);
  expect(await json(await post("/projects", body, key))).toEqual(made);
  const [{ count }] = (await stack.sql`select count(*)::int from projects where name = 'late'`) as [{ count: number }];
  expect(count).toBe(1);
});

test("20 at once make one", async () => {
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post("/keys", { name: "one", scopes: ["read"] }, key)),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
  const made = await Promise.all(answers.filter(({ status }) => status === 201).map(json));
  expect(new Set(made.map(({ key }) => key)).size).toBe(1);
  expect(await stack.sql`select from api_keys where name = 'one'`).toHaveLength(1);
});

test("a key counts for the credential that it came with, and for 24 h", async () => {
  const key = randomUUID();
  const body = { name: "mine", scopes: ["read"] };
  const first = await json(await post("/keys", body, key));
  const other = apiOf(worker, await stack.createKey());
  expect((await json(await post("/keys", body, key, other))).id).not.toBe(first.id);
  clock.now += DAY - 1;
  expect((await json(await post("/keys", body, key))).id).toBe(first.id);
  clock.now += 2;
  expect((await json(await post("/keys", body, key))).id).not.toBe(first.id);
});

test("what is kept can be opened by nobody but the caller, and is forgotten after 24 h", async () => {
  const key = randomUUID();
  const made = await json(await post("/keys", { name: "sealed", scopes: ["read"] }, key));
  await worker.settled();
  const kept = () => stack.sql`select * from idempotency_keys where actor_id = ${adminKey.split("_")[1]}`;
  const rows = await kept();
  expect(rows).toHaveLength(1);
  const stored = JSON.stringify(rows);
  for (const secret of [key, adminKey, made.key, made.key.split("_")[2] as string, "sealed"]) {
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(btoa(secret).slice(0, 16));
  }
  clock.now += DAY + 1;
  await worker.runCron();
  expect(await kept()).toEqual([]);
});

test.each(["", " ", "a b", "é", "x".repeat(256)])("an Idempotency-Key %j is a 400", async (key) => {
  const headers = new Headers({ authorization: `Bearer ${adminKey}`, "content-type": "application/json" });
  headers.set("idempotency-key", key);
  const response = await worker.fetch("/api/v1/projects", { method: "POST", headers, body: '{"name":"x"}' });
  expect(await refusal(response)).toEqual([400, "invalid_idempotency_key"]);
});
