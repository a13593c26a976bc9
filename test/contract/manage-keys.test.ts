import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../harness/clock.ts";
import { startGate } from "../harness/gate.ts";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const clock = { now: 0 };
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let adminKey: string;
let admin: ReturnType<typeof apiOf>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack, clock);
});
beforeEach(async () => {
  clock.now = Date.now();
  adminKey = await stack.createKey({ name: "Ada" });
  admin = apiOf(worker, adminKey);
  id = await stack.createProject();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

type Json = Record<string, unknown>;
const idOf = (key: string) => key.split("_")[1] as string;
const make = async (body: Json, api = admin) => {
  const response = await api.call("POST", "/keys", { name: "agent", scopes: ["report"], ...body });
  expect(response.status).toBe(201);
  return response.json();
};
const list = async (api = admin, query = "") => (await (await api.call("GET", `/keys${query}`)).json()).keys as Json[];
const listed = async (key: string, api = admin) => (await list(api)).find((each) => each.id === idOf(key));
const statusOf = async (key: string, path = `/projects/${id}/tracing`) =>
  (await apiOf(worker, key).call("GET", path)).status;
const refusal = async (response: Response) => {
  const { code, errors } = await problemOf(response);
  return [response.status, code, ...(errors ? [errors[0]?.field] : [])];
};
const post = async (body: Json, api = admin) =>
  refusal(await api.call("POST", "/keys", { name: "agent", scopes: ["report"], ...body }));
const history = async (path = `/projects/${id}/events`) =>
  (await (await admin.call("GET", path)).json()).events as Json[];
const iso = (at: number) => new Date(at).toISOString();

describe("a new key", () => {
  test("is shown once, and works at once", async () => {
    const { key, ...made } = await make({ project_id: id, scopes: ["read", "report"] });
    expect(made).toEqual({
      id: idOf(key),
      prefix: `tt_${idOf(key)}`,
      last_four: key.slice(-4),
      name: "agent",
      scopes: ["read", "report"],
      project_id: id,
      created_at: iso(clock.now),
      expires_at: null,
      last_used_at: null,
      revoked_at: null,
    });
    expect(await listed(key)).toEqual(made);
    expect(await statusOf(key)).toBe(200);
    const secret = key.split("_")[2];
    const everything = [await list(), await history(), await stack.sql`select * from api_keys`];
    expect(JSON.stringify(everything)).not.toContain(secret);
  });

  test("ends when it is said", async () => {
    const { key } = await make({ expires_at: iso(clock.now + HOUR) });
    expect(await statusOf(key)).toBe(200);
    clock.now += HOUR;
    expect(await statusOf(key)).toBe(401);
  });

  test.for([
    [{ name: "" }, "name"],
    [{ scopes: [] }, "scopes"],
    [{ scopes: ["root"] }, "scopes.0"],
    [{ scopes: ["read", "read"] }, "scopes"],
    [{ scopes: "admin" }, "scopes"],
    [{ project_id: "x" }, "project_id"],
    [{ expires_at: "2020-01-01T00:00:00Z" }, "expires_at"],
    [{ expires_at: 7 }, "expires_at"],
    [{ hash: "x" }, "hash"],
  ] as const)("with %j is refused by the field's path", async ([wrong, field]) => {
    expect(await post(wrong)).toEqual([422, "invalid_body", field]);
  });

  test("of an unknown project is a 404, of a deleted one a 410", async () => {
    expect(await post({ project_id: randomUUID() })).toEqual([404, "project_not_found"]);
    await admin.call("DELETE", `/projects/${id}`);
    expect(await post({ project_id: id })).toEqual([410, "project_deleted"]);
  });
});

describe("the list", () => {
  test("shows the newest first, in pages, without those that were revoked", async () => {
    const made: string[] = [];
    for (let i = 0; i < 3; i++) {
      clock.now += SECOND;
      made.unshift((await make({ project_id: id })).id);
    }
    await admin.call("DELETE", `/keys/${made[1]}`);
    const bound = apiOf(worker, await stack.createKey({ projectId: id }));
    const first = await (await bound.call("GET", "/keys?limit=2")).json();
    const second = await (await bound.call("GET", `/keys?limit=2&cursor=${first.next_cursor}`)).json();
    const ids = [...first.keys, ...second.keys].map((key) => key.id);
    expect(ids.filter((each) => made.includes(each))).toEqual([made[0], made[2]]);
    expect(second.next_cursor).toBeNull();
  });

  test("shows those that were revoked, and when, if it is asked for them; a bound key its own project's alone", async () => {
    const [revoked, replaced] = [await make({ project_id: id }), await make({ project_id: id })];
    const elsewhere = await make({ project_id: await stack.createProject() });
    clock.now += SECOND;
    for (const key of [revoked, elsewhere]) await admin.call("DELETE", `/keys/${key.id}`);
    const { id: made } = await (await admin.call("POST", `/keys/${replaced.id}/rotate`, { expires_in: 0 })).json();
    const bound = apiOf(worker, await stack.createKey({ projectId: id }));
    const times = new Map((await list(bound, "?include=revoked")).map((key) => [key.id, key.revoked_at]));
    const asked = [revoked, replaced, { id: made }, elsewhere].map((key) => times.get(key.id));
    expect(asked).toEqual([iso(clock.now), iso(clock.now), null, undefined]);
    const all = (await list(admin, "?include=revoked&limit=100")).map((key) => key.id);
    expect(all).toEqual(expect.arrayContaining([revoked.id, elsewhere.id]));
    const wrong = await admin.call("GET", "/keys?include=everything");
    expect(await refusal(wrong)).toEqual([400, "invalid_query", "include"]);
  });

  test("with a cursor that is none is a 400", async () => {
    expect(await refusal(await admin.call("GET", "/keys?cursor=x"))).toEqual([400, "invalid_query", "cursor"]);
  });
});

describe("an admin key of one project", () => {
  let bound: ReturnType<typeof apiOf>;
  let boundKey: string;
  beforeEach(async () => {
    boundKey = await stack.createKey({ projectId: id });
    bound = apiOf(worker, boundKey);
  });

  test("makes keys for its project only, also when it does not say so", async () => {
    expect((await make({}, bound)).project_id).toBe(id);
    expect((await make({ project_id: id.toUpperCase() }, bound)).project_id).toBe(id);
    expect(await post({ project_id: null }, bound)).toEqual([403, "forbidden"]);
    const other = await stack.createProject();
    expect(await post({ project_id: other }, bound)).toEqual([404, "project_not_found"]);
    expect(await post({ project_id: randomUUID() }, bound)).toEqual([404, "project_not_found"]);
  });

  test("sees, rotates and revokes keys of its project only: another one is a 404, whether it exists or not", async () => {
    const own = await stack.createKey({ projectId: id });
    const others = [
      adminKey,
      await stack.createKey({ projectId: await stack.createProject() }),
      `tt_${"0".repeat(12)}_`,
    ];
    const ids = (await list(bound)).map((key) => key.id);
    expect(ids.sort()).toEqual([idOf(boundKey), idOf(own)].sort());
    for (const other of others) {
      expect(await refusal(await bound.call("DELETE", `/keys/${idOf(other)}`))).toEqual([404, "key_not_found"]);
      expect(await refusal(await bound.call("POST", `/keys/${idOf(other)}/rotate`))).toEqual([404, "key_not_found"]);
    }
    expect(await statusOf(adminKey)).toBe(200);
    expect((await bound.call("POST", `/keys/${idOf(own)}/rotate`)).status).toBe(201);
    expect((await bound.call("DELETE", `/keys/${idOf(own)}`)).status).toBe(204);
  });

  test("leaves the history of its keys with the project", async () => {
    const { key } = await make({ scopes: ["write"], reason: "for CI" }, bound);
    await bound.call("DELETE", `/keys/${idOf(key)}`, { reason: "leaked" });
    expect(await history()).toMatchObject([
      {
        action: "key.revoked",
        actor: { id: idOf(boundKey), via: "api" },
        reason: "leaked",
        before: { key: idOf(key), name: "agent", scopes: ["write"], project_id: id, expires_at: null },
        after: null,
        live_after_ms: 0,
      },
      { action: "key.created", reason: "for CI", before: null, after: { key: idOf(key) } },
    ]);
  });
});

test("a key that ends makes keys that end no later", async () => {
  const end = clock.now + DAY;
  await stack.sql`update api_keys set expires_at = ${iso(end)} where selector = ${idOf(adminKey)}`;
  expect((await make({})).expires_at).toBe(iso(end));
  expect((await make({ expires_at: null })).expires_at).toBe(iso(end));
  expect((await make({ expires_at: iso(end) })).expires_at).toBe(iso(end));
  expect(await post({ expires_at: iso(end + 1) })).toEqual([422, "invalid_body", "expires_at"]);
  const rotated = await (await admin.call("POST", `/keys/${idOf(await stack.createKey())}/rotate`)).json();
  expect(rotated.expires_at).toBe(iso(end));
});

test.each(["write", "read", "report"])("a key with scope %s manages no keys", async (scope) => {
  const weak = apiOf(worker, await stack.createKey({ scopes: [scope] }));
  for (const [method, path, body] of [
    ["GET", "/keys"],
    ["POST", "/keys", { name: "x", scopes: [scope] }],
    ["POST", `/keys/${idOf(adminKey)}/rotate`],
    ["DELETE", `/keys/${idOf(adminKey)}`],
  ] as const) {
    expect(await refusal(await weak.call(method, path, body))).toEqual([403, "forbidden"]);
  }
});

describe("a rotation", () => {
  const rotate = async (key: string, body?: Json) => {
    const response = await admin.call("POST", `/keys/${idOf(key)}/rotate`, body);
    expect(response.status).toBe(201);
    return response.json();
  };

  test("makes a key like it, and both are good until the old one's end", async () => {
    const old = await stack.createKey({ name: "CI", scopes: ["write", "report"], projectId: id });
    const made = await rotate(old, { expires_in: 60 });
    const ends = iso(clock.now + MINUTE);
    expect(made).toMatchObject({
      ...{ name: "CI", scopes: ["write", "report"], project_id: id, expires_at: null, last_four: made.key.slice(-4) },
      replaces: { id: idOf(old), expires_at: ends },
    });
    expect(made.id).not.toBe(idOf(old));
    expect([await statusOf(old), await statusOf(made.key)]).toEqual([200, 200]);
    expect((await listed(old))?.expires_at).toBe(ends);
    clock.now += MINUTE;
    expect([await statusOf(old), await statusOf(made.key)]).toEqual([401, 200]);
    expect((await history())[0]).toMatchObject({
      action: "key.rotated",
      before: { key: idOf(old), expires_at: null },
      after: { key: made.id, expires_at: null, old_key_expires_at: ends },
    });
  });

  test("leaves a day unless it is said; with 0 the old key and its sessions are dead at once", async () => {
    const old = await stack.createKey();
    expect((await rotate(old)).replaces.expires_at).toBe(iso(clock.now + DAY));
    expect(await statusOf(old)).toBe(200);
    await rotate(old, { expires_in: 0 });
    expect(await statusOf(old)).toBe(401);
    expect(await refusal(await admin.call("POST", `/keys/${idOf(old)}/rotate`))).toEqual([404, "key_not_found"]);
  });

  test("does not lengthen the old key's life, and gives the new one as long a life", async () => {
    const end = clock.now + HOUR;
    const { key } = await make({ expires_at: iso(end) });
    clock.now += 50 * MINUTE;
    expect(await rotate(key)).toMatchObject({
      expires_at: iso(clock.now + HOUR),
      replaces: { expires_at: iso(end) },
    });
  });

  test("of the caller's own key goes on with the new one", async () => {
    const made = await rotate(adminKey, { expires_in: 0 });
    expect((await admin.call("GET", "/keys")).status).toBe(401);
    expect(await list(apiOf(worker, made.key))).not.toHaveLength(0);
  });

  test.each([-1, 2_592_001, 1.5, "60", null])("with %j seconds is refused", async (seconds) => {
    const response = await admin.call("POST", `/keys/${idOf(adminKey)}/rotate`, { expires_in: seconds });
    expect(await refusal(response)).toEqual([422, "invalid_body", "expires_in"]);
  });
});

describe("revoking a key", () => {
  test("kills it and its sessions at once here, and elsewhere within 10 s", async () => {
    const key = await stack.createKey();
    const elsewhere = createWorker(stack, clock);
    const signedIn = await worker.fetch("/api/v1/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key }),
    });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] as string;
    const session = async (there = worker) => (await there.fetch("/api/v1/projects", { headers: { cookie } })).status;
    const byKey = async (there = worker) => (await apiOf(there, key).call("GET", "/projects")).status;
    expect([await session(), await byKey(), await session(elsewhere), await byKey(elsewhere)]).toEqual([
      200, 200, 200, 200,
    ]);
    expect((await admin.call("DELETE", `/keys/${idOf(key)}`)).status).toBe(204);
    expect([await session(), await byKey()]).toEqual([401, 401]);
    clock.now += 10 * SECOND;
    expect([await session(elsewhere), await byKey(elsewhere)]).toEqual([401, 401]);
    expect(
      await stack.sql`select from sessions s join api_keys k on k.id = s.key_id where selector = ${idOf(key)}`,
    ).toEqual([]);
    await elsewhere.settled();
  });

  test("ends what it could do: elsewhere it makes no key in its last 10 s", async () => {
    const key = await stack.createKey();
    const elsewhere = apiOf(createWorker(stack, clock), key);
    const victim = await stack.createKey();
    expect(await list(elsewhere)).not.toHaveLength(0);
    await admin.call("DELETE", `/keys/${idOf(key)}`);
    expect(await post({}, elsewhere)).toEqual([401, "unauthenticated"]);
    expect(await post({ project_id: id }, elsewhere)).toEqual([401, "unauthenticated"]);
    const rotation = await elsewhere.call("POST", `/keys/${idOf(victim)}/rotate`);
    expect(rotation.status).toBeGreaterThanOrEqual(400);
    expect(await statusOf(victim)).toBe(200);
  });

  test("is done once", async () => {
    const key = await stack.createKey();
    expect((await admin.call("DELETE", `/keys/${idOf(key)}`)).status).toBe(204);
    expect(await refusal(await admin.call("DELETE", `/keys/${idOf(key)}`))).toEqual([404, "key_not_found"]);
    for (const wrong of ["x", "%00", key]) {
      expect(await refusal(await admin.call("DELETE", `/keys/${wrong}`))).toEqual([404, "key_not_found", "key"]);
    }
  });
});

describe("the last use of a key", () => {
  const lastUse = async (key: string) => (await listed(key))?.last_used_at;
  const MARK = 'last_used_at\\" = greatest'; // quoted in JSON

  test("is told to the minute, by whichever way it is used", async () => {
    clock.now = Date.parse("2026-11-16T17:00:59Z");
    const key = await stack.createKey();
    expect(await lastUse(key)).toBeNull();
    await statusOf(key);
    await worker.settled();
    expect(await lastUse(key)).toBe("2026-11-16T17:00:00.000Z");
    clock.now += 2 * SECOND;
    await statusOf(key);
    await worker.settled();
    expect(await lastUse(key)).toBe("2026-11-16T17:01:00.000Z");
  });

  test("is written once a minute, together with other keys', and no request waits for it", async () => {
    const gate = await startGate(stack.neon.url);
    const gated = createWorker({ workerEnv: { ...stack.workerEnv, NEON_FETCH_ENDPOINT: `${gate.url}/sql` } }, clock);
    const keys = await Promise.all(Array.from({ length: 5 }, () => stack.createKey()));
    const use = async (key: string) => (await apiOf(gated, key).call("GET", "/projects?limit=1")).status;
    clock.now = Date.parse("2026-11-16T17:00:00Z");
    const first = gate.hold(MARK);
    for (const key of keys) expect(await use(key)).toBe(200);
    const held = await first;
    const before = gate.requests();
    held.release();
    await gated.settled();
    expect(gate.requests() - before, "the four others in one write").toBe(1);
    for (const key of keys) expect(await lastUse(key)).toBe("2026-11-16T17:00:00.000Z");
    const quiet = gate.requests();
    clock.now += 5 * SECOND;
    for (const key of keys) expect(await use(key)).toBe(200);
    await gated.settled();
    expect(gate.requests() - quiet, "the listings alone").toBe(5);
    await gate.close();
  });

  test("that cannot be written is nobody's trouble", async () => {
    const gate = await startGate(stack.neon.url);
    const gated = createWorker({ workerEnv: { ...stack.workerEnv, NEON_FETCH_ENDPOINT: `${gate.url}/sql` } }, clock);
    const key = await stack.createKey();
    const held = gate.hold(MARK);
    expect((await apiOf(gated, key).call("GET", "/projects")).status).toBe(200);
    (await held).drop();
    await gated.settled();
    clock.now += MINUTE;
    expect((await apiOf(gated, key).call("GET", "/projects")).status).toBe(200);
    await gated.settled();
    expect(await lastUse(key)).not.toBeNull();
    await gate.close();
  });
});
