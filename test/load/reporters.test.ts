import { afterAll, beforeAll, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { HOUR, MINUTE } from "../harness/clock.ts";
import { reportOf } from "../harness/reports.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

/** The same order in every run. */
function shuffled<T>(items: T[]): T[] {
  let state = 1;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

test("200 concurrent reporters, each report replayed twice and all of it shuffled: every total is exact", async () => {
  // Versions are instants of the database's clock, which tests cannot move.
  const clock = { now: Date.now() };
  const worker = createWorker(stack, clock);
  const writer = apiOf(worker, await stack.createKey({ scopes: ["write"] }));
  const reporter = apiOf(worker, await stack.createKey({ scopes: ["report"] }));
  const id = await stack.createProject();
  const change = async (on: boolean) => (await writer.switch(id, on)).version;
  const post = (report: unknown) => reporter.call("POST", `/projects/${id}/usage`, report);
  const read = async (path: string) => (await writer.call("GET", `/projects/${id}${path}`)).json();

  const first = await change(false);
  const second = await change(true);
  clock.now = second + 2 * MINUTE;
  const lateOf = (i: number) => 100 + i;
  const reports = Array.from({ length: 200 }, (_, i) => {
    const instance = `agent-${i}`;
    const seenAt = second + lateOf(i);
    const after = reportOf(seenAt, {
      instance,
      period_start: new Date(seenAt).toISOString(),
      counts: { enabled: i, not_sampled: 2 },
      cost_micros: i,
      policy_version: second,
    });
    const before = reportOf(first - 3 * HOUR, { instance, counts: { disabled: 5 }, cost_micros: 7 });
    return i % 4 === 3 ? [before, after] : [after];
  }).flat();
  expect(reports).toHaveLength(250);
  const queue = shuffled([...reports, ...reports, ...reports]).values();
  const sendInTurn = async () => {
    // as the SDK does: a busy machine may let a request time out, counted or not
    for (const report of queue) while ((await post(report)).status !== 200) {}
  };
  await Promise.all(Array.from({ length: 200 }, sendInTurn));

  const { total, buckets, propagation } = await read("/metrics");
  const enabled = (199 * 200) / 2;
  expect(total).toMatchObject({
    reasons: { enabled, not_sampled: 400, disabled: 250 },
    traced: enabled,
    skipped: 650,
    cost_usd: ((enabled + 350) / 1e6).toString(),
  });
  const hourOf = (at: number) => new Date(Math.floor(at / HOUR) * HOUR).toISOString();
  const earlier = buckets.find(({ at }: { at: string }) => at === hourOf(first - 3 * HOUR));
  expect(earlier).toMatchObject({ reasons: { disabled: 250 }, cost_usd: "0.00035" });
  const from = new Date(first - 3 * HOUR).toISOString();
  const byMinute = await read(`/metrics?step=minute&from=${from}`);
  expect(byMinute.total).toEqual(total);
  expect(byMinute.buckets[0]).toMatchObject({ reasons: { disabled: 250 }, cost_usd: "0.00035" });
  // those without an earlier report began after the change, and held it from their start
  const delays = Array.from({ length: 50 }, (_, i) => lateOf(4 * i + 3));
  expect(propagation).toEqual({ p50_ms: delays[24], p99_ms: delays[49], sightings: 50 });
  const now = await read("/status");
  expect(now.instances).toMatchObject({ count: 200, current: 200 });
  expect(now.instances.newest).toHaveLength(100);
  expect(now.last_change).toMatchObject({ version: second, seen_by: 200, of: 200, slowest_ms: lateOf(199) });
  const rows = await stack.sql`select count(*)::int as sightings from sightings where project_id = ${id}`;
  expect(rows).toEqual([{ sightings: 200 }]);
  await worker.settled();
}, 120_000);
