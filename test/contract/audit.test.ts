import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { DAY, HOUR, MINUTE } from "../harness/clock.ts";
import { startGate } from "../harness/gate.ts";
import { captureLog } from "../harness/log.ts";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker, startWorker } from "../harness/worker.ts";

interface Event {
  id: string;
  project_id: string | null;
  action: string;
  actor: { id: string; name: string; via: string };
  created_at: string;
}

const NOON = Date.parse("2026-11-16T12:00:00Z");
const log = captureLog();
const clock = { now: NOON };
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let ada: ReturnType<typeof apiOf>;
let bob: ReturnType<typeof apiOf>;
let bobKey: string;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack, clock);
});
beforeEach(async () => {
  clock.now = NOON;
  ada = apiOf(worker, await stack.createKey({ name: "Ada" }));
  bobKey = await stack.createKey({ name: "Bob", scopes: ["write"] });
  bob = apiOf(worker, bobKey);
  id = await stack.createProject();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

const read = async (query = "", path = `/projects/${id}/events`, api = ada) =>
  (await (await api.call("GET", `${path}${query}`)).json()) as { events: Event[]; next_cursor: string | null };
const actions = async (query: string) => (await read(query)).events.map(({ action }) => action);
const lines = async (path: string, api = ada) => {
  const response = await api.call("GET", path, undefined, { accept: "application/x-ndjson" });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
  const text = await response.text();
  return text === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Event);
};
/** Many events straight in the database, a minute apart, the last one now. */
const fill = async (count: number) => {
  await stack.sql`
    insert into events (project_id, version, action, actor, created_at, live_after_ms)
    select ${id}, n, 'tracing.enabled', '{"id":"x","name":"x","via":"api"}',
      ${new Date(clock.now).toISOString()}::timestamptz - (${count} - n) * interval '1 minute', 0
    from generate_series(1, ${count}) n order by n`;
};

describe("the audit log", () => {
  beforeEach(async () => {
    await ada.switch(id, false);
    clock.now += HOUR;
    await bob.switch(id, true);
    clock.now += HOUR;
    await ada.call("PATCH", `/projects/${id}`, { name: "new" });
  });

  test.for([
    ["", ["project.renamed", "tracing.enabled", "tracing.disabled"]],
    ["?actor=Ada", ["project.renamed", "tracing.disabled"]],
    ["?actor=nobody", []],
    ["?action=tracing.disabled", ["tracing.disabled"]],
    ["?action=tracing", ["tracing.enabled", "tracing.disabled"]],
    ["?action=trac", []],
    ["?action=project_renamed", []],
    ["?since=2026-11-16T13:00:00Z", ["project.renamed", "tracing.enabled"]],
    ["?until=2026-11-16T13:00:00Z", ["tracing.disabled"]],
    ["?since=2026-11-16T14:00:00%2B01:00&until=2026-11-16T14:00:00Z", ["tracing.enabled"]],
    ["?actor=Ada&action=tracing&since=2026-11-16T12:00:00Z", ["tracing.disabled"]],
  ] as const)("with %j tells what is asked for", async ([query, expected]) => {
    expect(await actions(query)).toEqual(expected);
  });

  test("finds an actor by the id of the key, too", async () => {
    expect(await actions(`?actor=${bobKey.split("_")[1]}`)).toEqual(["tracing.enabled"]);
  });

  test("comes in pages that keep to the filter", async () => {
    const first = await read("?actor=Ada&limit=1");
    const second = await read(`?actor=Ada&limit=1&cursor=${first.next_cursor}`);
    expect([...first.events, ...second.events].map(({ action }) => action)).toEqual([
      "project.renamed",
      "tracing.disabled",
    ]);
    expect(second.next_cursor).toBeNull();
  });

  test.each(["action=Tracing", "action=a.b.c", "since=yesterday", "until=2026-13-01T00:00:00Z", "actor=", "from=x"])(
    "with ?%s is a 400 that names the parameter",
    async (query) => {
      const response = await ada.call("GET", `/projects/${id}/events?${query}`);
      expect(response.status).toBe(400);
      expect((await problemOf(response)).errors?.[0]?.field).toBe(query.split("=")[0]);
    },
  );

  test("of everything is for admins: all projects and all keys, or a bound key's project", async () => {
    const { id: made } = await (await ada.call("POST", "/keys", { name: "CI", scopes: ["read"] })).json();
    await ada.call("DELETE", `/keys/${made}`);
    const { events } = await read("?limit=5", "/events");
    expect(events.map(({ action, project_id }) => [action, project_id])).toEqual([
      ["key.revoked", null],
      ["key.created", null],
      ["project.renamed", id],
      ["tracing.enabled", id],
      ["tracing.disabled", id],
    ]);
    const bound = apiOf(worker, await stack.createKey({ projectId: id }));
    expect((await read("", "/events", bound)).events.map(({ project_id }) => project_id)).toEqual([id, id, id]);
    expect((await bob.call("GET", "/events")).status).toBe(403);
  });
});

describe("an export", () => {
  test("is every event on a line of its own, in the list's order and shape", async () => {
    await ada.switch(id, false);
    await bob.switch(id, true);
    await worker.settled();
    expect(await lines(`/projects/${id}/events`)).toEqual((await read()).events);
    expect(await lines(`/projects/${id}/events?actor=Bob`)).toHaveLength(1);
    expect((await lines("/events?action=tracing.enabled"))[0]).toMatchObject({ project_id: id });
  });

  test("of more events than one page is whole, and is read as the reader takes it", async () => {
    await fill(1_200);
    await ada.call("GET", "/projects?limit=1");
    await worker.settled();
    const before = stack.neon.requests();
    const response = await ada.call("GET", `/projects/${id}/events`, undefined, { accept: "application/x-ndjson" });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    expect(stack.neon.requests() - before, "one page for one read").toBeLessThanOrEqual(2);
    await reader.cancel();
    const all = await lines(`/projects/${id}/events`);
    expect(all).toHaveLength(1_200);
    expect(new Set(all.map((event) => event.id)).size).toBe(1_200);
    const rest = await lines(`/projects/${id}/events?cursor=${all[999]?.id}`);
    expect(rest).toEqual(all.slice(1_000));
  });

  test("of nothing is empty; of an unknown project a 404; with a limit a 400", async () => {
    expect(await lines(`/projects/${id}/events`)).toEqual([]);
    const ask = (path: string) => ada.call("GET", path, undefined, { accept: "application/x-ndjson" });
    expect(await problemOf(await ask(`/projects/${randomUUID()}/events`))).toMatchObject({ code: "project_not_found" });
    expect(await problemOf(await ask(`/projects/${id}/events?limit=5`))).toMatchObject({ code: "invalid_query" });
    expect((await bob.call("GET", "/events", undefined, { accept: "application/x-ndjson" })).status).toBe(403);
  });

  test("streams from the Worker as it is deployed", async () => {
    await fill(1_200);
    const deployed = await startWorker(stack);
    const headers = { authorization: `Bearer ${await stack.createKey()}`, accept: "application/x-ndjson" };
    try {
      const response = await deployed.fetch(`/api/v1/projects/${id}/events`, { headers });
      expect((await response.text()).trimEnd().split("\n")).toHaveLength(1_200);
    } finally {
      await deployed.close();
    }
  });

  test("that fails midway is cut off, and is not taken for whole", async () => {
    await fill(600);
    const gate = await startGate(stack.neon.url);
    const gated = createWorker({ workerEnv: { ...stack.workerEnv, NEON_FETCH_ENDPOINT: `${gate.url}/sql` } }, clock);
    const api = apiOf(gated, await stack.createKey());
    const response = await api.call("GET", `/projects/${id}/events`, undefined, { accept: "application/x-ndjson" });
    gate.mode = "cut";
    await expect(response.text()).rejects.toThrow();
    expect(log.lines).toContainEqual(expect.stringMatching(/^an export ended early: \w+$/));
    await gated.settled();
    await gate.close();
  });
});

describe("the retention", () => {
  const kept = async () => (await lines(`/projects/${id}/events`)).length;
  const withRetention = (days: string) =>
    createWorker({ workerEnv: { ...stack.workerEnv, EVENTS_RETENTION_DAYS: days } }, clock);

  test.each(["", "0"])("%j keeps events for ever", async (days) => {
    await fill(3);
    clock.now += 10_000 * DAY;
    await withRetention(days).runCron();
    expect(await kept()).toBe(3);
  });

  test("forgets events of that age, and no younger one", async () => {
    await fill(10);
    clock.now += 30 * DAY;
    await withRetention("30").runCron();
    expect(await kept()).toBe(1);
    clock.now += 1;
    await withRetention("30").runCron();
    expect(await kept()).toBe(0);
  });

  test("forgets some at a time, from the oldest on", async () => {
    await stack.sql`delete from events`;
    await fill(5_500);
    clock.now += 30 * DAY + MINUTE;
    const cron = withRetention("30");
    await cron.runCron();
    expect(await kept()).toBe(500);
    await cron.runCron();
    expect(await kept()).toBe(0);
  });
});
