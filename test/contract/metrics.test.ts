import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { DAY, HOUR, MINUTE } from "../harness/clock.ts";
import { problemOf, roundTripsOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const NOON = Date.parse("2026-11-16T12:00:00Z");
const HALF_PAST = NOON + 30 * MINUTE;

const clock = { now: HALF_PAST };
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let writer: ReturnType<typeof apiOf>;
let reporter: ReturnType<typeof apiOf>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack, clock);
  writer = apiOf(worker, await stack.createKey({ name: "writer", scopes: ["write"] }));
  reporter = apiOf(worker, await stack.createKey({ scopes: ["report"] }));
});
beforeEach(async () => {
  clock.now = HALF_PAST;
  id = await stack.createProject();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

async function report(end: number, counts: Record<string, number>, cost_micros = 0) {
  const response = await reporter.call("POST", `/projects/${id}/usage`, {
    batch_id: randomUUID(),
    instance: "agent-1",
    period_start: new Date(end).toISOString(),
    period_end: new Date(end).toISOString(),
    counts,
    cost_micros,
    policy_version: null,
    sdk: { version: "0.1.0", runtime: "node" },
  });
  expect(response.status).toBe(200);
}
const ask = (query = "") => writer.call("GET", `/projects/${id}/metrics${query}`);
const metrics = async (query = "") => (await ask(query)).json();
const time = (at: number) => new Date(at).toISOString();

const NOTHING = { traced: 0, skipped: 0, undetermined: 0, fail_opens: 0, reasons: {}, cost_usd: "0.00" };

test("of a project that nobody reports for are zeros, for each hour of the last day", async () => {
  await ask(); // the key is remembered from then on
  const response = await ask();
  expect(response.status).toBe(200);
  expect(roundTripsOf(response)).toEqual({ db: 1, redis: 0 });
  expect(await response.json()).toEqual({
    from: time(NOON - DAY),
    to: time(NOON + HOUR),
    step: "hour",
    total: NOTHING,
    savings: null,
    propagation: { p50_ms: null, p99_ms: null, sightings: 0 },
    buckets: Array.from({ length: 25 }, (_, i) => ({ at: time(NOON - DAY + i * HOUR), ...NOTHING })),
    events: [],
    has_more_events: false,
  });
});

test("are decisions by reason: those that traced, those that did not, those that may have, and of these the fail-opens", async () => {
  const traced = { enabled: 1, sampled: 2 };
  const skipped = {
    not_sampled: 10,
    disabled: 20,
    schedule: 30,
    budget: 40,
    override: 50,
    locked: 60,
    deleted: 70,
    break_glass: 80,
  };
  const failOpens = { unavailable: 100, unknown_project: 200, pending: 300 };
  const reasons = { ...traced, ...skipped, ...failOpens, user_override: 1_000, other: 2_000 };
  await report(NOON, reasons, 1_500);
  await report(NOON, { enabled: 5 }, 500_000);
  const { total, buckets } = await metrics(`?from=${time(NOON)}`);
  const expected = {
    traced: 8,
    skipped: 360,
    undetermined: 3_600,
    fail_opens: 600,
    reasons: { ...reasons, enabled: 6 },
    cost_usd: "0.5015",
  };
  expect(total).toEqual(expected);
  expect(buckets).toEqual([{ at: time(NOON), ...expected }]);
});

test("by the day are of the days of UTC, and of 30 unless more is asked for", async () => {
  const midnight = Date.parse("2026-11-16T00:00:00Z");
  await report(midnight, { enabled: 1 }, 1_000_000);
  await report(NOON, { enabled: 10 });
  await report(midnight - 1, { enabled: 100 }, 250_000);
  const body = await metrics("?step=day");
  expect(body).toMatchObject({ from: time(midnight - 30 * DAY), to: time(midnight + DAY), step: "day" });
  expect(body.buckets).toHaveLength(31);
  expect(body.buckets.slice(-2)).toMatchObject([
    { at: time(midnight - DAY), traced: 100, cost_usd: "0.25" },
    { at: time(midnight), traced: 11, cost_usd: "1.00" },
  ]);
  expect((await metrics(`?step=day&from=${time(NOON - 400 * DAY)}`)).buckets).toHaveLength(401);
});

test("by the minute are of the last hour unless more is asked for, and add up to what the hour has", async () => {
  const minute = HALF_PAST - MINUTE;
  await report(HALF_PAST, { enabled: 1, unavailable: 2 }, 1_000_000);
  await report(minute + 30_000, { enabled: 10 });
  await report(minute, { disabled: 100 }, 250_000);
  await report(NOON, { enabled: 1_000 });
  await report(NOON - 1, { enabled: 10_000 });
  await ask(); // the key is remembered from then on
  const response = await ask("?step=minute");
  expect(roundTripsOf(response)).toEqual({ db: 1, redis: 0 });
  const body = await response.json();
  expect(body).toMatchObject({ from: time(HALF_PAST - HOUR), to: time(HALF_PAST + MINUTE), step: "minute" });
  expect(body.buckets).toHaveLength(61);
  expect(body.buckets.slice(-2)).toEqual([
    {
      at: time(minute),
      ...NOTHING,
      traced: 10,
      skipped: 100,
      reasons: { enabled: 10, disabled: 100 },
      cost_usd: "0.25",
    },
    {
      at: time(HALF_PAST),
      ...NOTHING,
      traced: 1,
      undetermined: 2,
      fail_opens: 2,
      reasons: { enabled: 1, unavailable: 2 },
      cost_usd: "1.00",
    },
  ]);
  const hour = `from=${time(NOON)}`;
  const { total, savings } = await metrics(`?${hour}`);
  expect(total).toMatchObject({ traced: 1_011, skipped: 100, undetermined: 2, cost_usd: "1.25" });
  expect(await metrics(`?step=minute&${hour}`)).toMatchObject({ total, savings });
  expect((await metrics(`?step=minute&from=${time(NOON - 5 * HOUR)}`)).total.traced).toBe(11_011);
});

test("of a range are of the whole hours that it touches, and end now", async () => {
  await report(NOON - HOUR, { enabled: 1 });
  await report(NOON, { enabled: 2 });
  const query = (from: number, to: number) => `?from=${time(from)}&to=${time(to)}`;
  expect((await metrics(query(NOON - 1, NOON))).total.traced).toBe(1);
  expect((await metrics(query(NOON - 1, NOON + 1))).total.traced).toBe(3);
  expect(await metrics(query(NOON, NOON + 7 * DAY))).toMatchObject({ from: time(NOON), to: time(NOON + HOUR) });
  const everything = await metrics(`?from=${time(NOON - 31 * DAY)}`);
  expect(everything.buckets).toHaveLength(31 * 24 + 1);
  expect(everything.total.traced).toBe(3);
});

describe("the savings", () => {
  const rules = (body: unknown) => writer.call("PATCH", `/projects/${id}/rules`, body);

  test("are what the skipped would have cost at the mean of the traced", async () => {
    await report(NOON, { enabled: 40, disabled: 1_000 }, 500_000);
    expect((await metrics()).savings).toEqual({ usd: "12.50", run_cost_usd: "0.0125", basis: "reported" });
  });

  test("count those that may have been traced as traced", async () => {
    await report(NOON, { enabled: 30, user_override: 6, unavailable: 4, disabled: 1_000 }, 500_000);
    expect((await metrics()).savings).toMatchObject({ usd: "12.50" });
  });

  test("are at the configured price of a run, where there is one", async () => {
    await rules({ run_cost_usd: "0.002" });
    await report(NOON, { enabled: 40, not_sampled: 1_000 }, 500_000);
    expect((await metrics()).savings).toEqual({ usd: "2.00", run_cost_usd: "0.002", basis: "configured" });
    await rules({ run_cost_usd: null });
    expect((await metrics()).savings).toMatchObject({ basis: "reported" });
  });

  test("are not known without a cost, or without a run that was traced", async () => {
    await report(NOON, { enabled: 40, disabled: 1_000 });
    expect((await metrics()).savings).toBeNull();
    await report(NOON - HOUR, { disabled: 1_000 }, 500);
    expect((await metrics(`?to=${time(NOON)}`)).savings).toBeNull();
  });

  test("are of the range", async () => {
    await report(NOON - 2 * HOUR, { enabled: 1, disabled: 100 }, 1_000_000);
    await report(NOON, { enabled: 1, disabled: 3 }, 2_000_000);
    expect((await metrics(`?from=${time(NOON)}`)).savings).toMatchObject({ usd: "6.00" });
  });
});

test("have the changes as markers, oldest first, with how long until each was live", async () => {
  const { version } = await writer.switch(id, false, "load test");
  clock.now += 1_000;
  await writer.switch(id, true);
  await worker.settled();
  const { events, has_more_events } = await metrics();
  expect(events).toEqual([
    {
      id: expect.stringMatching(/^\d+$/),
      at: time(HALF_PAST),
      action: "tracing.disabled",
      actor: { id: expect.any(String), name: "writer", via: "api" },
      reason: "load test",
      version,
      live_after_ms: 0,
    },
    expect.objectContaining({ action: "tracing.enabled", at: time(HALF_PAST + 1_000) }),
  ]);
  expect(has_more_events).toBe(false);
  expect((await metrics(`?to=${time(NOON)}`)).events).toEqual([]);
  await stack.sql`
    insert into events (project_id, version, action, actor, created_at)
    select ${id}, n, 'many', '{"id": "1", "name": "n", "via": "api"}', ${time(NOON)}::timestamptz from generate_series(1, 499) n`;
  const many = await metrics();
  expect(many).toMatchObject({ has_more_events: true });
  expect(many.events).toHaveLength(500);
  expect(many.events[0]).toMatchObject({ action: "tracing.enabled" });
});

test("have the propagation of the range's changes, to processes that were running", async () => {
  const see = (version: number, delay: number, instance: string) => stack.sql`
    insert into sightings (project_id, version, instance, delay_ms, seen_at)
    values (${id}, ${version}, ${instance}, ${delay}, ${time(version + delay)}::timestamptz)`;
  await report(NOON, {});
  for (let i = 1; i <= 100; i++) await see(NOON + i, 10 * i, `gone-${i}`);
  await see(NOON - 1, 60_000, "agent-1"); // it started at noon
  await see(NOON - 1, 70_000, "gone");
  const from = `?from=${time(NOON)}`;
  expect((await metrics(from)).propagation).toEqual({ p50_ms: 500, p99_ms: 990, sightings: 100 });
  expect((await metrics(`?to=${time(NOON)}`)).propagation).toEqual({ p50_ms: 70_000, p99_ms: 70_000, sightings: 1 });
});

test.for([
  ["?step=second", "step"],
  ["?step=", "step"],
  ["?from=yesterday", "from"],
  ["?from=1764000000000", "from"],
  ["?to=2026-11-16", "to"],
  ["?bucket=hour", "bucket"],
  [`?from=${time(NOON)}&to=${time(NOON)}`, "from"],
  [`?from=${time(HALF_PAST + 1)}`, "from"],
  [`?from=${time(HALF_PAST - 31 * DAY - HOUR - 1)}`, "from"],
  [`?step=minute&from=${time(HALF_PAST - 6 * HOUR - MINUTE - 1)}`, "from"],
  [`?step=minute&from=${time(HALF_PAST - DAY - 1)}&to=${time(HALF_PAST - 23 * HOUR)}`, "from"],
  [`?step=minute&to=${time(HALF_PAST - DAY)}`, "to"],
  [`?step=day&from=${time(HALF_PAST - 402 * DAY)}`, "from"],
  [`?from=0000-01-01T00:00:00Z&to=0000-01-02T00:00:00Z`, "from"],
  [`?to=${time(HALF_PAST - 402 * DAY)}`, "to"],
] as const)("asked for with %s are refused by the parameter's name", async ([query, field]) => {
  const response = await ask(query);
  expect(response.status).toBe(400);
  expect((await problemOf(response)).errors?.[0]?.field).toBe(field);
});

test("are for readers of the project, which must be there", async () => {
  const path = `/projects/${id}/metrics`;
  const codeOf = async (api: ReturnType<typeof apiOf>, at = path) => {
    const response = await api.call("GET", at);
    return [response.status, response.ok ? null : (await problemOf(response)).code];
  };
  const elsewhere = await stack.createProject();
  expect(await codeOf(reporter)).toEqual([403, "forbidden"]);
  expect(await codeOf(apiOf(worker, await stack.createKey({ scopes: ["read"], projectId: id })))).toEqual([200, null]);
  const stranger = apiOf(worker, await stack.createKey({ scopes: ["read"], projectId: elsewhere }));
  expect(await codeOf(stranger)).toEqual([404, "project_not_found"]);
  expect(await codeOf(writer, `/projects/${randomUUID()}/metrics`)).toEqual([404, "project_not_found"]);
  await apiOf(worker, await stack.createKey()).call("DELETE", `/projects/${id}`);
  expect(await codeOf(writer)).toEqual([410, "project_deleted"]);
});
