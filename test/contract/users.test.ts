import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { moveClock, resetClock } from "../harness/clock.ts";
import { problemOf } from "../harness/problem.ts";
import { freshSdk } from "../harness/readers.ts";
import { realServers, type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const DAY = 86_400_000;

let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let api: ReturnType<typeof apiOf>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack);
  api = apiOf(worker, await stack.createKey({ name: "support", scopes: ["write"] }));
});
beforeEach(async () => {
  id = await stack.createProject();
});
afterEach(async () => {
  resetClock();
  await worker.settled();
});
afterAll(() => stack?.close());

const path = (user: string) => `/projects/${id}/users/${encodeURIComponent(user)}`;
const put = (user: string, body: unknown) => api.call("PUT", path(user), body);
const list = async (query = "") => (await api.call("GET", `/projects/${id}/users${query}`)).json();
const document = async () => JSON.parse((await stack.redis.get(`tracing:${id}:policy`)) as string);
const decide = async (user: string) => (await api.call("GET", `/projects/${id}/decision?user=${user}`)).json();
/** Fills a project with overrides, past the API. */
const fill = (count: number, trace: boolean, prefix = "filler") => stack.sql`
  insert into user_overrides (project_id, user_id, trace, created_at, expires_at)
  select ${id}, ${prefix} || n, ${trace}, now(), ${trace ? new Date(Date.now() + DAY).toISOString() : null}::timestamptz
  from generate_series(1, ${count}) n`;

test("a user who is always traced is traced in a project that is off, for 24 h if nothing else is said", async () => {
  await api.switch(id, false);
  const before = Date.now();
  const body = await (await put("user-1", { trace: true, reason: "ticket 7" })).json();
  expect(body).toMatchObject({ user: "user-1", trace: true, reason: "ticket 7", propagation: "live" });
  expect(Date.parse(body.expires_at) - before - DAY).toBeGreaterThanOrEqual(0);
  expect(Date.parse(body.expires_at) - before - DAY).toBeLessThan(30_000);
  expect((await document()).overrides).toEqual({ "user-1": [true, Date.parse(body.expires_at)] });
  expect(await decide("user-1")).toMatchObject({
    trace: true,
    reason: "user_override",
    overrode: ["disabled", "enabled"],
  });
  expect(await decide("user-2")).toMatchObject({ trace: false, reason: "disabled" });
});

test("a user who is never traced is not, without end", async () => {
  expect(await (await put("user-1", { trace: false })).json()).toMatchObject({ trace: false, expires_at: null });
  expect((await document()).overrides).toEqual({ "user-1": [false, null] });
  expect(await decide("user-1")).toMatchObject({ trace: false, reason: "user_override", next_change: null });
});

test.skipIf(realServers())("an override ends at its instant, for a reader with everything else dead", async () => {
  onTestFinished(resetClock);
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  await put("user-1", { trace: false, expires_at: expiresAt });
  const { next_change } = await decide("user-1");
  expect(next_change).toEqual({ at: expiresAt, trace: true, reason: "enabled" });
  moveClock(590_000);
  const sdk = freshSdk(stack, id);
  onTestFinished(() => sdk.close());
  expect(await sdk.isEnabled({ userId: "user-1" })).toBe(false);
  moveClock(10_000);
  expect(await sdk.isEnabled({ userId: "user-1" })).toBe(true);
  expect(await list()).toMatchObject({ users: [] });
});

test("users are listed by id, in pages, and found by a part of it", async () => {
  for (const user of ["zoe", "Ann", "bob@example.org", "ann-marie", "日本"]) await put(user, { trace: false });
  const first = await list("?limit=2");
  expect(first.users.map(({ user }: { user: string }) => user)).toEqual(["Ann", "ann-marie"]);
  const second = await list(`?limit=2&cursor=${encodeURIComponent(first.next_cursor)}`);
  expect(second.users.map(({ user }: { user: string }) => user)).toEqual(["bob@example.org", "zoe"]);
  expect(await list(`?cursor=${encodeURIComponent(second.next_cursor)}`)).toMatchObject({
    users: [{ user: "日本" }],
    next_cursor: null,
  });
  expect((await list("?search=ANN")).users).toHaveLength(2);
  expect((await list("?search=%25")).users, "a percent sign is no pattern").toHaveLength(0);
});

test("revoking brings the rules back, and leaves an event, as setting does", async () => {
  await put("user-1", { trace: false, reason: "opt-out" });
  const revoked = await api.call("DELETE", path("user-1"), { reason: "asked for it" });
  expect(await revoked.json()).toMatchObject({ propagation: "live", version: expect.any(Number) });
  expect((await document()).overrides).toEqual({});
  const { events } = await (await api.call("GET", `/projects/${id}/events`)).json();
  expect(events).toMatchObject([
    {
      action: "user_override.revoked",
      reason: "asked for it",
      before: { user: "user-1", trace: false, expires_at: null },
      after: null,
    },
    {
      action: "user_override.set",
      reason: "opt-out",
      actor: { name: "support" },
      before: null,
      after: { user: "user-1", trace: false, expires_at: null },
    },
  ]);
});

test("revoking what is not there is a 404, and nothing is changed", async () => {
  const before = await (await api.call("GET", `/projects/${id}`)).json();
  const response = await api.call("DELETE", path("nobody"));
  expect(response.status).toBe(404);
  expect(await problemOf(response)).toMatchObject({ code: "user_override_not_found" });
  expect(await (await api.call("GET", `/projects/${id}`)).json()).toEqual(before);
});

test.for(["a/b", "a b", "?x=1#y", "%41", "__proto__", "constructor", "é", '"quoted"\\', "💥".repeat(32)])(
  "the user id %j is kept as it is",
  async (user) => {
    expect((await put(user, { trace: false })).status).toBe(200);
    const documented = JSON.parse((await stack.redis.get(`tracing:${id}:policy`)) as string).overrides;
    expect(Object.entries(documented)).toEqual([[user, [false, null]]]);
    const sdk = freshSdk(stack, id);
    onTestFinished(() => sdk.close());
    expect(await sdk.isEnabled({ userId: user })).toBe(false);
    expect(await sdk.isEnabled({ userId: "another" })).toBe(true);
    expect((await api.call("DELETE", path(user))).status).toBe(200);
  },
);

describe("what is refused", () => {
  test("a user id of more than 128 bytes", async () => {
    const response = await put("é".repeat(65), { trace: false });
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({ code: "invalid_user_id", errors: [{ field: "user" }] });
  });

  test("a user id with NUL", async () => {
    expect((await api.call("PUT", `/projects/${id}/users/a%00b`, { trace: false })).status).toBe(400);
  });

  test.for([
    [{ trace: true, expires_at: null }],
    [{ trace: true, expires_at: new Date(Date.now() + 31 * DAY).toISOString() }],
    [{ trace: true, expires_at: new Date(Date.now() - 1_000).toISOString() }],
    [{ trace: false, expires_at: "2020-01-01T00:00:00Z" }],
    [{ trace: false, expires_at: "tomorrow" }],
    [{ trace: false, expires_at: "2099-13-01T00:00:00Z" }],
    [{ trace: false, expires_at: 1764000000000 }],
  ])("an expiry as in %j", async ([body]) => {
    const response = await put("user-1", body);
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.[0]?.field).toBe("expires_at");
  });

  test("the 501st user who is always traced, and nothing is changed; one of the 500 can be changed", async () => {
    await fill(499, true);
    expect((await put("user-1", { trace: true })).status).toBe(200);
    const response = await put("user-2", { trace: true });
    expect(response.status).toBe(409);
    expect(await problemOf(response)).toMatchObject({
      code: "too_many_overrides",
      detail: expect.stringContaining("500"),
    });
    expect((await list("?search=user-2")).users).toEqual([]);
    expect((await put("user-1", { trace: true, reason: "again" })).status).toBe(200);
    expect((await put("user-1", { trace: false })).status).toBe(200);
    expect((await put("user-2", { trace: true })).status, "there is room again").toBe(200);
  });

  test("the 2,001st user who is never traced", async () => {
    await fill(2_000, false);
    expect((await put("user-1", { trace: false })).status).toBe(409);
  });

  test("ids that together are too long for the document", async () => {
    await fill(1_990, false, "x".repeat(110));
    const response = await put("y".repeat(128), { trace: false });
    expect(response.status).toBe(409);
    expect((await problemOf(response)).detail).toContain("250 kB");
  });

  test("overrides that have ended do not count", async () => {
    await stack.sql`
      insert into user_overrides (project_id, user_id, trace, created_at, expires_at)
      select ${id}, 'old' || n, true, now() - interval '2 days', now() - interval '1 day' from generate_series(1, 500) n`;
    expect((await put("user-1", { trace: true })).status).toBe(200);
    expect(Object.keys((await document()).overrides)).toEqual(["user-1"]);
  });
});

test.each([".", "..", "%2e", "%2E%2e"])(
  "the user %s cannot stand in a path, and nothing happens to the project",
  async (user) => {
    const admin = apiOf(worker, await stack.createKey());
    for (const method of ["DELETE", "PUT"]) {
      const response = await admin.call(
        method,
        `/projects/${id}/users/${user}`,
        method === "PUT" ? { trace: false } : {},
      );
      expect(response.status).toBe(400);
      expect(await problemOf(response)).toMatchObject({ code: "invalid_user_id", errors: [{ field: "user" }] });
    }
    expect(await (await admin.call("GET", `/projects/${id}`)).json()).toMatchObject({ id, effective: true });
  },
);

test("two at once at the limit: one is accepted", async () => {
  await fill(499, true);
  const answers = await Promise.all(["user-1", "user-2"].map((user) => put(user, { trace: true })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});
