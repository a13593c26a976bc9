import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { apiOf } from "../harness/api.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { captureLog } from "../harness/log.ts";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const MINUTE_MS = 60_000;
const clock = { now: Date.now() };
const log = captureLog();
let stack: Stack;
let database: Gate;
let redis: Gate;
let worker: ReturnType<typeof createWorker>;
let key: string;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  [database, redis] = await Promise.all([startGate(stack.neon.url), startGate(stack.upstash.url)]);
});
beforeEach(async () => {
  clock.now = Date.now();
  const away = { NEON_FETCH_ENDPOINT: `${database.url}/sql`, UPSTASH_REDIS_REST_URL: redis.url };
  worker = createWorker({ workerEnv: { ...stack.workerEnv, ...away } }, clock);
  key = await stack.createKey();
  id = await stack.createProject();
  await patch(true);
  await worker.settled();
});
afterEach(async () => {
  database.mode = "pass";
  redis.mode = "pass";
  await worker.settled();
});
afterAll(async () => {
  await Promise.all([database?.close(), redis?.close()]);
  await stack?.close();
});

const call = (...args: Parameters<ReturnType<typeof apiOf>["call"]>) => apiOf(worker, key).call(...args);
const patch = (on: boolean) => call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: on });
const get = () => call("GET", `/projects/${id}/tracing`);

async function expectUnavailable(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(await problemOf(response)).toMatchObject({ code: "unavailable" });
}

/** All that a change could have left behind. */
const everything = async () => ({
  project: (await stack.sql`select * from projects where id = ${id}`)[0],
  events: await stack.sql`select * from events where project_id = ${id} order by id`,
  redis: await stack.redis.mget(["enabled", "policy", "version"].map((name) => `tracing:${id}:${name}`)),
});

describe("with the database away", () => {
  test("GET tracing on a hit goes on for ten minutes with a key that was accepted", async () => {
    const accepted = clock.now;
    database.mode = "cut";
    for (const elapsed of [0, 9_999, 10_000, MINUTE_MS, 10 * MINUTE_MS - 1]) {
      clock.now = accepted + elapsed;
      const response = await get();
      expect(response.status, `after ${elapsed} ms`).toBe(200);
      expect(await response.json()).toMatchObject({ effective: true, source: "redis" });
    }
    clock.now = accepted + 10 * MINUTE_MS;
    await expectUnavailable(await get());
  });

  test("a key that was never seen gets a 503, not a 401", async () => {
    key = await stack.createKey();
    database.mode = "cut";
    await expectUnavailable(await get());
    await expectUnavailable(await call("GET", "/projects"));
  });

  test("a key that was revoked before stays refused", async () => {
    await stack.sql`update api_keys set revoked_at = now() where selector = ${key.split("_")[1]}`;
    clock.now += 10_000;
    expect((await get()).status).toBe(401);
    database.mode = "cut";
    await expectUnavailable(await get());
  });

  test("every change is refused as a whole, and can be made again", async () => {
    const before = await everything();
    database.mode = "cut";
    const changes: [string, string, unknown?][] = [
      ["PATCH", `/projects/${id}/tracing`, { tracing_enabled: false }],
      ["PATCH", `/projects/${id}`, { name: "renamed" }],
      ["DELETE", `/projects/${id}`],
      ["POST", "/projects", { name: "new" }],
    ];
    for (const change of changes) await expectUnavailable(await call(...change));
    database.mode = "pass";
    expect(await everything()).toEqual(before);
    expect(await (await patch(false)).json()).toMatchObject({ propagation: "live", effective: false });
  });

  test("other reads are a 503", async () => {
    database.mode = "cut";
    for (const path of ["/projects", `/projects/${id}`, `/projects/${id}/events`]) {
      await expectUnavailable(await call("GET", path));
    }
  });

  test("GET tracing on a miss is a 503, but a false alone says enough", async () => {
    await stack.redis.flushall();
    database.mode = "cut";
    await expectUnavailable(await get());
    await stack.redis.set(`tracing:${id}:enabled`, "false");
    expect(await (await get()).json()).toMatchObject({ effective: false, enabled: false, policy: null, version: null });
  });

  test("nobody signs in or out, and no cookie is set", async () => {
    const cookie = (await signIn()).headers.get("set-cookie")?.split(";")[0] as string;
    database.mode = "cut";
    for (const response of [
      await signIn(),
      await worker.fetch("/api/v1/session", { method: "DELETE", headers: { cookie } }),
    ]) {
      expect(response.headers.get("set-cookie")).toBeNull();
      await expectUnavailable(response);
    }
    database.mode = "pass";
    expect((await worker.fetch("/api/v1/session", { headers: { cookie } })).status, "still signed in").toBe(200);
  });

  test("a change that is already live stays so when the database goes away before the mark", async () => {
    const mark = database.hold("published_version = greatest");
    expect(await (await patch(false)).json()).toMatchObject({ propagation: "live" });
    (await mark).drop();
    await worker.settled();
    await worker.runCron();
    expect((await everything()).project).toMatchObject({ tracing_enabled: false });
    const [row] = await stack.sql`select version = published_version as marked from projects where id = ${id}`;
    expect(row).toEqual({ marked: true });
  });

  test("readyz says so", async () => {
    database.mode = "cut";
    const readyz = await worker.fetch("/readyz");
    expect(readyz.status).toBe(503);
    expect(await readyz.json()).toEqual({ status: "unavailable", postgres: "unavailable", redis: "ok" });
  });
});

const signIn = () =>
  worker.fetch("/api/v1/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key }),
  });

describe("with a database that hangs", () => {
  test("GET tracing on a hit is answered in a fraction of a second", async () => {
    clock.now += MINUTE_MS;
    const check = database.hold(key.split("_")[1] as string);
    const before = database.requests();
    const began = performance.now();
    expect((await get()).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(2_000);
    const requests = before + 2; // the check, and the note that the key was used
    await vi.waitFor(() => expect(database.requests()).toBe(requests));
    for (const elapsed of [0, 4_000]) {
      clock.now += elapsed;
      expect((await get()).status).toBe(200);
    }
    expect(database.requests(), "not waited for again at once").toBe(requests);
    (await check).release();
  });

  test("a key whose revocation is learnt late is refused from then on", async () => {
    await stack.sql`update api_keys set revoked_at = now() where selector = ${key.split("_")[1]}`;
    clock.now += 10_000;
    const check = database.hold(key.split("_")[1] as string);
    const answer = get();
    const held = await check;
    expect((await answer).status).toBe(200);
    held.release();
    await worker.settled();
    expect((await get()).status).toBe(401);
  });

  test("a change is given up after ten seconds", async () => {
    database.mode = "hang";
    await expectUnavailable(await patch(false));
  });
});

test("with both stores away GET tracing is a 503", async () => {
  database.mode = "cut";
  redis.mode = "cut";
  await expectUnavailable(await get());
  const readyz = await worker.fetch("/readyz");
  expect(await readyz.json()).toEqual({ status: "unavailable", postgres: "unavailable", redis: "unavailable" });
});

test("a fault in the middle of a change leaves nothing behind, and tells nothing of the database", async () => {
  await stack.sql`alter table events add constraint fault check (action <> 'tracing.disabled') not valid`;
  const before = await everything();
  const response = await patch(false);
  await stack.sql`alter table events drop constraint fault`;
  expect(response.status).toBe(500);
  const problem = await problemOf(response);
  expect(problem.code).toBe("internal");
  expect(JSON.stringify(problem)).not.toMatch(/constraint|insert|events/);
  expect(await everything()).toEqual(before);
});

test("a database without the schema is a 503 that names the remedy", async () => {
  await stack.sql`alter table projects rename to elsewhere`;
  const response = await call("GET", `/projects/${id}`);
  await stack.sql`alter table elsewhere rename to projects`;
  expect(response.status).toBe(503);
  expect((await problemOf(response)).detail).toContain("npm run db:migrate");
});

test("the log says what went wrong, and nothing of it is secret", async () => {
  const cookie = (await signIn()).headers.get("set-cookie")?.split(/[=;]/)[1] as string;
  redis.mode = "cut";
  await patch(false);
  database.mode = "cut";
  const refusals = [
    await call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: false, reason: "hush-hush" }),
    await call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: "hush-hush" }),
    await signIn(),
  ];
  await worker.runCron().catch((error: Error) => console.error(error.message));
  const said = [...log.lines, ...(await Promise.all(refusals.map((refusal) => refusal.text())))].join("\n");
  expect(said).toContain(`project ${id}: not published yet`);
  const { password } = new URL(stack.neon.connectionString);
  expect(password).not.toBe("");
  for (const secret of [key.slice(16), cookie, stack.tokens.token, `:${password}@`, "hush-hush"]) {
    expect(said).not.toContain(secret);
  }
});
