import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { DAY, HOUR, MINUTE } from "../harness/clock.ts";
import { reportOf } from "../harness/reports.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

// Versions are instants of the database's clock, which tests cannot move.
const clock = { now: Date.now() };
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
  clock.now = Date.now();
  id = await stack.createProject();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

const post = (report: unknown) => reporter.call("POST", `/projects/${id}/usage`, report);
const send = async (report: unknown) => {
  const response = await post(report);
  expect(response.status).toBe(200);
  return response.json();
};
const change = async (on: boolean) => (await writer.switch(id, on)).version;
const metrics = async (query = "") => (await writer.call("GET", `/projects/${id}/metrics${query}`)).json();
const status = async () => (await writer.call("GET", `/projects/${id}/status`)).json();
const sightings = () => stack.sql`
  select instance, version, delay_ms from sightings where project_id = ${id} order by version, instance`;

describe("a report", () => {
  test("counts in the UTC hour in which its period ended", async () => {
    const hour = Math.floor(clock.now / HOUR) * HOUR;
    await send(reportOf(hour - 1));
    await send(reportOf(hour - HOUR, { counts: { enabled: 10 } }));
    await send(reportOf(hour - HOUR - 1, { counts: { disabled: 2 }, cost_micros: 0 }));
    const from = new Date(hour - 2 * HOUR).toISOString();
    const { buckets } = await metrics(`?from=${from}&to=${new Date(hour).toISOString()}`);
    expect(buckets).toMatchObject([
      { at: from, reasons: { disabled: 2 }, cost_usd: "0.00" },
      { at: new Date(hour - HOUR).toISOString(), reasons: { enabled: 13, disabled: 1 }, cost_usd: "0.002" },
    ]);
  });

  test("counts in the minute in which its period ended", async () => {
    const minute = Math.floor(clock.now / MINUTE) * MINUTE;
    await send(reportOf(minute - 1));
    await send(reportOf(minute - MINUTE, { counts: { enabled: 10 } }));
    await send(reportOf(minute - MINUTE - 1, { counts: { disabled: 2 }, cost_micros: 0 }));
    const from = new Date(minute - 2 * MINUTE).toISOString();
    const { buckets } = await metrics(`?step=minute&from=${from}&to=${new Date(minute).toISOString()}`);
    expect(buckets).toMatchObject([
      { at: from, reasons: { disabled: 2 }, cost_usd: "0.00" },
      { at: new Date(minute - MINUTE).toISOString(), reasons: { enabled: 13, disabled: 1 }, cost_usd: "0.002" },
    ]);
  });

  test("with reasons that are not known here counts them as other", async () => {
    await send(reportOf(clock.now, { counts: { quantum: 2, tea_break: 3, enabled: 0 } }));
    const { total } = await metrics();
    expect(total).toMatchObject({ reasons: { other: 5 }, undetermined: 5, traced: 0, skipped: 0, fail_opens: 0 });
    const rows = await stack.sql`select reason from usage_hours where project_id = ${id}`;
    expect(rows).toEqual([{ reason: "other" }]);
  });

  test("of more than a number holds is capped", async () => {
    for (let i = 0; i < 3; i++)
      await send(
        reportOf(clock.now, { counts: { enabled: Number.MAX_SAFE_INTEGER }, cost_micros: Number.MAX_SAFE_INTEGER }),
      );
    expect((await metrics()).total).toMatchObject({
      traced: Number.MAX_SAFE_INTEGER,
      cost_usd: "9007199254.740991",
    });
  });

  test("that ended last tells what its process is, in whatever order reports arrive", async () => {
    const ends = [clock.now - 60_000, clock.now - 1_000, clock.now - 30_000];
    for (const end of ends)
      await send(reportOf(end, { policy_version: end, sdk: { version: `1.0.${end}`, runtime: "workerd" } }));
    expect((await status()).instances.newest).toEqual([
      {
        instance: "agent-1",
        sdk: { version: `1.0.${ends[1]}`, runtime: "workerd" },
        policy_version: ends[1],
        first_seen_at: new Date((ends[0] as number) - 10_000).toISOString(),
        last_report_at: new Date(ends[1] as number).toISOString(),
      },
    ]);
  });

  test("with a start that cannot be is taken all the same", async () => {
    await send(reportOf(clock.now, { instance: "old", period_start: "0000-01-01T00:00:00Z" }));
    await send(reportOf(clock.now, { instance: "new", period_start: "9999-01-01T00:00:00Z" }));
    const { newest } = (await status()).instances;
    expect(newest.map(({ first_seen_at }: { first_seen_at: string }) => first_seen_at)).toEqual([
      new Date(clock.now).toISOString(),
      new Date(clock.now - 2 * DAY).toISOString(),
    ]);
  });
});

describe("a sighting", () => {
  test("is how long after the change a process first held it, by its earliest report that says so", async () => {
    const version = await change(false);
    clock.now = version + MINUTE;
    for (const delay of [20_000, 800, 10_000]) await send(reportOf(version + delay, { policy_version: version }));
    expect(await sightings()).toEqual([{ instance: "agent-1", version: String(version), delay_ms: 800 }]);
  });

  test("of a clock that is behind took no time", async () => {
    const version = await change(false);
    await send(reportOf(version - 5_000, { policy_version: version }));
    expect(await sightings()).toMatchObject([{ delay_ms: 0 }]);
  });

  test("is not made of a version that is a day old, or that the project never had", async () => {
    const version = await change(false);
    await send(reportOf(clock.now, { policy_version: clock.now - DAY - 1 }));
    await send(reportOf(clock.now, { policy_version: version + 1 }));
    await send(reportOf(clock.now, { policy_version: 0 }));
    expect(await sightings()).toEqual([]);
  });
});

describe("the cron", () => {
  test("forgets processes that were silent for a day, and what they saw from their start", async () => {
    const version = await change(false);
    clock.now = version + MINUTE;
    const seen = { policy_version: version };
    await send(reportOf(version - MINUTE, { instance: "running" }));
    await send(reportOf(version + 700, { instance: "running", ...seen }));
    await send(reportOf(version + 30_000, { instance: "started later", ...seen }));
    clock.now = version + DAY + 700;
    await worker.runCron();
    expect(await sightings()).toHaveLength(2);
    clock.now = version + DAY + 30_001;
    await worker.runCron();
    expect(await sightings()).toEqual([{ instance: "running", version: String(version), delay_ms: 700 }]);
    const [{ left }] = (await stack.sql`select count(*)::int as left from instances where project_id = ${id}`) as [
      { left: number },
    ];
    expect(left).toBe(0);
    const from = new Date(version - HOUR).toISOString();
    expect((await metrics(`?from=${from}`)).propagation).toEqual({ p50_ms: 700, p99_ms: 700, sightings: 1 });
    clock.now = version + 31 * DAY + 701;
    await worker.runCron();
    expect(await sightings()).toEqual([]);
  });

  test("forgets the minutes of counts and costs after 26 hours, and keeps the hours", async () => {
    const minute = Math.floor(clock.now / MINUTE) * MINUTE;
    await send(reportOf(minute));
    await send(reportOf(minute - MINUTE));
    const elsewhere = id;
    id = await stack.createProject();
    await send(reportOf(minute - 20 * HOUR));
    clock.now = minute + 26 * HOUR;
    await worker.runCron();
    const kept = await stack.sql`
      select project_id, extract(epoch from u.minute)::float8 * 1000 as minute, extract(epoch from c.minute)::float8 * 1000 as cost_minute
      from usage_minutes u full join cost_minutes c using (project_id, minute)
      where project_id in (${id}, ${elsewhere}) and reason = 'enabled'`;
    expect(kept).toEqual([{ project_id: elsewhere, minute, cost_minute: minute }]);
    const from = new Date(minute - 20 * HOUR).toISOString();
    expect((await metrics(`?from=${from}`)).total.traced).toBe(3);
  });

  test("forgets counts and costs after 400 days", async () => {
    const hour = Math.floor(clock.now / HOUR) * HOUR;
    await send(reportOf(hour));
    await send(reportOf(hour - HOUR));
    clock.now = hour + 400 * DAY;
    await worker.runCron();
    const kept = await stack.sql`
      select extract(epoch from u.hour)::float8 * 1000 as hour, extract(epoch from c.hour)::float8 * 1000 as cost_hour
      from usage_hours u full join cost_hours c using (project_id, hour)
      where project_id = ${id} and reason = 'enabled'`;
    expect(kept).toEqual([{ hour, cost_hour: hour }]);
  });
});
