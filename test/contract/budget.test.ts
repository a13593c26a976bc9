import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { problemOf, roundTripsOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Noon in New York, and a Monday there. */
const NOON = Date.parse("2026-11-16T17:00:00Z");
const MIDNIGHT = Date.parse("2026-11-17T05:00:00Z");

const clock = { now: NOON };
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let writer: ReturnType<typeof apiOf>;
let reporter: ReturnType<typeof apiOf>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack, clock);
  writer = apiOf(worker, await stack.createKey({ scopes: ["write"] }));
  reporter = apiOf(worker, await stack.createKey({ scopes: ["report"] }));
});
beforeEach(async () => {
  clock.now = NOON;
  id = await stack.createProject();
  await setRules({ daily_budget_usd: "100.00", time_zone: "America/New_York" });
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

const setRules = async (body: unknown) =>
  (await writer.call("PATCH", `/projects/${id}/rules`, body)).json() as Promise<{ effective: boolean; reason: string }>;

const reportOf = (dollars: number, at = clock.now) => ({
  batch_id: randomUUID(),
  instance: "agent-1",
  period_start: new Date(at - 10_000).toISOString(),
  period_end: new Date(at).toISOString(),
  counts: { enabled: 3, disabled: 1 },
  cost_micros: Math.round(dollars * 1e6),
  policy_version: 1764000000123,
  sdk: { version: "0.1.0", runtime: "node" },
});
const send = (report: unknown) => reporter.call("POST", `/projects/${id}/usage`, report);
const spend = async (dollars: number, at?: number) => (await send(reportOf(dollars, at))).status;
const state = async () => {
  const { effective, reason } = await (await writer.call("GET", `/projects/${id}`)).json();
  return effective ? "on" : reason;
};
const spent = async () => (await (await writer.call("GET", `/projects/${id}/rules`)).json()).spent_today_usd;
const document = async () => JSON.parse((await stack.redis.get(`tracing:${id}:policy`)) as string);
const budgetEvents = async () =>
  (await (await writer.call("GET", `/projects/${id}/events`)).json()).events.filter(
    ({ action }: { action: string }) => action === "budget.spent",
  );

describe("a day's budget", () => {
  test("that is reached switches tracing off until the next local day, in Redis when the report is answered", async () => {
    const before = (await document()).version;
    expect(await spend(99.999999)).toBe(200);
    expect(await state()).toBe("on");
    expect(await spend(0.000001)).toBe(200);
    expect(await state()).toBe("budget");
    expect(await document()).toMatchObject({
      enabled: false,
      reason: "budget",
      transitions: [[MIDNIGHT, true, "enabled"]],
    });
    expect((await document()).version).toBeGreaterThan(before);
    expect(await budgetEvents()).toMatchObject([
      {
        actor: { id: "daily_budget", name: "Daily budget", via: "rule" },
        before: { budget_spent_on: null },
        after: { budget_spent_on: "2026-11-16" },
      },
    ]);
  });

  test("begins anew on the next local day, without anything having to run", async () => {
    await spend(100);
    clock.now = MIDNIGHT - 1;
    expect(await state()).toBe("budget");
    clock.now = MIDNIGHT;
    expect(await state()).toBe("on");
    expect(await spent()).toBe("0.00");
    await spend(99);
    expect(await state()).toBe("on");
    await spend(1);
    expect(await state()).toBe("budget");
    expect(await budgetEvents()).toHaveLength(2);
  });

  test("that is raised resumes tracing at once; lowered below what is spent, it stops it at once", async () => {
    await spend(100);
    expect(await setRules({ daily_budget_usd: "150.00" })).toMatchObject({ effective: true, reason: "enabled" });
    expect(await document()).toMatchObject({ enabled: true, transitions: [] });
    expect(await setRules({ daily_budget_usd: "99.00" })).toMatchObject({ effective: false, reason: "budget" });
    expect(await setRules({ daily_budget_usd: null })).toMatchObject({ effective: true });
    await spend(1_000);
    expect(await state()).toBe("on");
  });

  test("is told with what is spent", async () => {
    await spend(1.5);
    await spend(0.25);
    expect(await spent()).toBe("1.75");
  });

  test("is not touched by yesterday's cost that comes in late, also not of a report that ended just before midnight", async () => {
    clock.now = MIDNIGHT + MINUTE;
    expect(await spend(500, MIDNIGHT - 1)).toBe(200);
    expect(await state()).toBe("on");
    expect(await spent()).toBe("0.00");
    expect(await spend(100, MIDNIGHT)).toBe(200);
    expect(await state()).toBe("budget");
  });

  test("stands below the switch and above the schedule", async () => {
    await spend(100);
    await writer.switch(id, false);
    expect(await state()).toBe("budget");
    clock.now = MIDNIGHT;
    expect(await state()).toBe("disabled");
  });
});

describe("a report", () => {
  test("that comes again counts once", async () => {
    const report = reportOf(60);
    expect(await (await send(report)).json()).toEqual({ accepted: true });
    expect(await (await send(report)).json()).toEqual({ accepted: true, duplicate: true });
    expect(await spent()).toBe("60.00");
    const elsewhere = id;
    id = await stack.createProject();
    expect(await (await send(report)).json(), "of another project").toEqual({ accepted: true });
    id = elsewhere;
  });

  test("takes one round trip to the database, and none to Redis", async () => {
    await spend(1);
    expect(roundTripsOf(await send(reportOf(1)))).toEqual({ db: 1, redis: 0 });
  });

  test("without a cost is accepted, and spends nothing", async () => {
    const { cost_micros: _, ...report } = reportOf(1);
    expect((await send(report)).status).toBe(200);
    expect((await send({ ...reportOf(0), counts: {}, policy_version: null })).status).toBe(200);
    expect(await spent()).toBe("0.00");
  });

  test("of a clock that is a little ahead belongs to now", async () => {
    expect(await spend(5, clock.now + 4 * MINUTE)).toBe(200);
    expect(await spent()).toBe("5.00");
  });

  test.for([
    [{ period_end: new Date(NOON + HOUR).toISOString() }, "period_end"],
    [{ period_end: new Date(NOON - 2 * DAY - 1).toISOString() }, "period_end"],
    [{ period_end: "yesterday" }, "period_end"],
    [{ batch_id: "1" }, "batch_id"],
    [{ cost_micros: -1 }, "cost_micros"],
    [{ cost_micros: 1.5 }, "cost_micros"],
    [{ cost_micros: 2 ** 53 }, "cost_micros"],
    [{ counts: { enabled: -1 } }, "counts.enabled"],
    [{ counts: 3 }, "counts"],
    [{ instance: "" }, "instance"],
    [{ sdk: { version: "1" } }, "sdk.runtime"],
    [{ cost: 1 }, "cost"],
  ] as const)("with %j is refused by the field's path", async ([wrong, field]) => {
    const response = await send({ ...reportOf(100), ...wrong });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.[0]?.field).toBe(field);
    expect(await state()).toBe("on");
  });

  test("of a deleted project answers 410, of an unknown one 404, and with another scope 403", async () => {
    const admin = apiOf(worker, await stack.createKey());
    expect((await admin.call("POST", `/projects/${id}/usage`, reportOf(1))).status).toBe(403);
    await admin.call("DELETE", `/projects/${id}`);
    expect((await send(reportOf(1))).status).toBe(410);
    id = randomUUID();
    expect((await send(reportOf(1))).status).toBe(404);
  });
});

test("200 reports, up to 200 at once, each sent twice, add up to the cent and pause tracing once", async () => {
  const reports = Array.from({ length: 200 }, (_, i) => reportOf(0.51 + (i % 7) / 100));
  const total = reports.reduce((sum, { cost_micros }) => sum + cost_micros, 0);
  expect(total).toBeGreaterThan(100e6);
  const [some, others] = [reports.slice(0, 100), reports.slice(100)];
  // Some beside their copies, the others before them.
  const answers = [
    ...(await Promise.all([...some, ...some].map(send))),
    ...(await Promise.all(others.map(send))),
    ...(await Promise.all(others.map(send))),
  ];
  expect(answers.map(({ status }) => status)).toEqual(Array(400).fill(200));
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  expect(bodies.filter(({ duplicate }) => duplicate)).toHaveLength(200);
  await worker.settled();
  expect(await spent()).toBe((total / 1e6).toFixed(2));
  expect(await state()).toBe("budget");
  expect(await budgetEvents()).toHaveLength(1);
});

test("a cost that no database could hold is capped, and stops tracing", async () => {
  for (let i = 0; i < 3; i++) await send({ ...reportOf(0), cost_micros: Number.MAX_SAFE_INTEGER });
  expect(await state()).toBe("budget");
});

test("batches are forgotten after 48 h; a report as old is refused", async () => {
  const report = reportOf(1);
  await send(report);
  clock.now += 2 * DAY + 1;
  await worker.runCron();
  const [{ kept }] = (await stack.sql`select count(*)::int as kept from usage_batches where project_id = ${id}`) as [
    { kept: number },
  ];
  expect(kept).toBe(0);
  expect((await send(report)).status).toBe(422);
});
