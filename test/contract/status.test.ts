import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createTracingToggle } from "../../sdk/src/index.ts";
import { usage, VERSION } from "../../sdk/src/usage.ts";
import { apiOf } from "../harness/api.ts";
import { MINUTE, SECOND } from "../harness/clock.ts";
import { problemOf, roundTripsOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

// Versions are instants of the database's clock, which tests cannot move.
const clock = { now: Date.now() };
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let admin: ReturnType<typeof apiOf>;
let reporter: ReturnType<typeof apiOf>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack, clock);
  admin = apiOf(worker, await stack.createKey());
  reporter = apiOf(worker, await stack.createKey({ scopes: ["report"] }));
});
beforeEach(async () => {
  clock.now = Date.now();
  id = await stack.createProject();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

async function report(end: number, instance = "agent-1", version: number | null = null) {
  const response = await reporter.call("POST", `/projects/${id}/usage`, {
    batch_id: randomUUID(),
    instance,
    period_start: new Date(end - SECOND).toISOString(),
    period_end: new Date(end).toISOString(),
    counts: { enabled: 1 },
    policy_version: version,
    sdk: { version: "0.1.0", runtime: "node" },
  });
  expect(response.status).toBe(200);
}
const ask = () => admin.call("GET", `/projects/${id}/status`);
const status = async () => (await ask()).json();

describe("a project's status", () => {
  test("is silent until somebody reports, and takes one round trip to the database", async () => {
    await ask(); // the key is remembered from then on
    const response = await ask();
    expect(response.status).toBe(200);
    expect(roundTripsOf(response).db).toBe(1);
    expect(await response.json()).toEqual({
      status: "silent",
      reason: "enabled",
      version: expect.any(Number),
      last_report_at: null,
      instances: { count: 0, current: 0, newest: [] },
      last_change: null,
    });
  });

  test("is active while a report is younger than 30 s", async () => {
    const end = clock.now;
    await report(end);
    expect(await status()).toMatchObject({ status: "active", last_report_at: new Date(end).toISOString() });
    clock.now = end + 30 * SECOND - 1;
    expect(await status()).toMatchObject({ status: "active" });
    clock.now = end + 30 * SECOND;
    expect(await status()).toMatchObject({ status: "silent", last_report_at: new Date(end).toISOString() });
  });

  test("is off by the rule that keeps it off, whoever reports", async () => {
    await report(clock.now);
    await admin.switch(id, false);
    expect(await status()).toMatchObject({ status: "off", reason: "disabled" });
    await admin.call("PUT", `/projects/${id}/lock`, { reason: "leak" });
    expect(await status()).toMatchObject({ status: "off", reason: "locked" });
    await admin.call("DELETE", `/projects/${id}/lock`);
    await admin.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: true, duration_seconds: 60 });
    await report(clock.now);
    expect(await status()).toMatchObject({ status: "active", reason: "enabled" });
  });

  test("is off while a break-glass holds in Redis; without Redis the rest is told", async () => {
    await admin.switch(id, true);
    await report(clock.now);
    await stack.redis.set(`tracing:${id}:enabled`, "false");
    expect(await status()).toMatchObject({ status: "off", reason: "break_glass" });
    const away = createWorker(
      { workerEnv: { ...stack.workerEnv, UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9" } },
      clock,
    );
    const response = await apiOf(away, await stack.createKey()).call("GET", `/projects/${id}/status`);
    expect(await response.json()).toMatchObject({ status: "active", reason: "enabled" });
  });

  test("counts the processes of the last 10 minutes, and those of them that hold the current version", async () => {
    const { version } = await admin.switch(id, true);
    clock.now = version + 15 * MINUTE;
    await report(clock.now - 10 * MINUTE - 1, "long ago", version);
    await report(clock.now - 10 * MINUTE, "just still", version - 1);
    await report(clock.now - MINUTE, "current", version);
    await report(clock.now, "without a policy");
    const { instances } = await status();
    expect(instances).toMatchObject({
      count: 3,
      current: 1,
      newest: [
        { instance: "without a policy", policy_version: null, sdk: { version: "0.1.0", runtime: "node" } },
        { instance: "current", policy_version: version, last_report_at: new Date(clock.now - MINUTE).toISOString() },
        { instance: "just still", policy_version: version - 1 },
      ],
    });
  });

  test("lists 100 processes, and counts all", async () => {
    await stack.sql`
      insert into instances (project_id, instance, sdk_version, runtime, policy_version, first_seen_at, last_report_at)
      select ${id}, 'agent-' || n, '1', 'node', null, ${new Date(clock.now)}::timestamptz,
        ${new Date(clock.now)}::timestamptz - n * interval '1 second' from generate_series(1, 150) n`;
    const { instances } = await status();
    expect(instances.count).toBe(150);
    expect(instances.newest).toHaveLength(100);
    expect(instances.newest.at(-1)).toMatchObject({ instance: "agent-100" });
  });

  test("tells how far the last change has come, and how long it took where it was waited for", async () => {
    const before = await status();
    await report(before.version + SECOND, "a");
    await report(before.version + SECOND, "b");
    await report(before.version + SECOND, "c");
    const { version } = await admin.switch(id, false);
    await worker.settled();
    const change = { version, action: "tracing.disabled", live_after_ms: 0 };
    expect((await status()).last_change).toMatchObject({ ...change, seen_by: 0, of: 3, slowest_ms: null });
    clock.now = version + MINUTE;
    await report(version + 400, "a", version);
    await report(version + 900, "b", version);
    await report(version + 30_000, "started later", version);
    const { last_change, instances } = await status();
    expect(last_change).toMatchObject({ ...change, seen_by: 3, of: 4, slowest_ms: 900 });
    expect(instances).toMatchObject({ count: 4, current: 3 });
  });

  test("is for readers of the project, which must be there", async () => {
    const codeOf = async (response: Response) => [response.status, (await problemOf(response)).code];
    const path = `/projects/${id}/status`;
    expect(await codeOf(await reporter.call("GET", path))).toEqual([403, "forbidden"]);
    expect(await codeOf(await admin.call("GET", `/projects/${randomUUID()}/status`))).toEqual([
      404,
      "project_not_found",
    ]);
    expect(await codeOf(await admin.call("GET", "/projects/1/status"))).toEqual([400, "invalid_project_id"]);
    await admin.call("DELETE", `/projects/${id}`);
    expect(await codeOf(await ask())).toEqual([410, "project_deleted"]);
  });
});

test("an agent's SDK reports by itself, and its first report after a change tells how long the change took", async () => {
  const running = createWorker(stack);
  const reports: Promise<Response>[] = [];
  const agent = createTracingToggle({
    projectId: id,
    redis: { url: stack.upstash.url, token: stack.tokens.readOnlyToken },
    api: { url: "http://worker.test", key: await stack.createKey({ scopes: ["report"], projectId: id }) },
    usage: usage(),
    timeoutMs: 5_000,
    maxAgeMs: 100,
    logger: null,
    fetch: async (input, init) => {
      const url = new URL(`${input}`);
      if (url.hostname !== "worker.test") return fetch(input, init);
      const answer = running.fetch(url.pathname, init);
      if (url.pathname.endsWith("/usage")) reports.push(answer);
      return answer;
    },
  });
  onTestFinished(() => agent.close());
  const reported = async (count: number) => {
    await expect.poll(() => reports.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
    expect((await Promise.all(reports)).map(({ status }) => status)).toEqual(Array(count).fill(200));
    clock.now = Date.now();
  };

  await admin.switch(id, true);
  await agent.isEnabled();
  await reported(1);
  expect(await status()).toMatchObject({
    status: "active",
    instances: { count: 1, current: 1, newest: [{ sdk: { version: VERSION, runtime: "node" } }] },
  });

  const { version } = await admin.switch(id, false);
  while (await agent.isEnabled()) await new Promise((resolve) => setTimeout(resolve, 20));
  await reported(2);
  const { last_change, instances } = await status();
  expect(instances).toMatchObject({ count: 1, current: 1, newest: [{ policy_version: version }] });
  expect(last_change).toMatchObject({ version, seen_by: 1, of: 1 });
  expect(last_change.slowest_ms).toBeGreaterThanOrEqual(0);
  expect(last_change.slowest_ms).toBeLessThanOrEqual(Date.now() - version);
  const metrics = await (await admin.call("GET", `/projects/${id}/metrics`)).json();
  expect(metrics.propagation).toEqual({
    p50_ms: last_change.slowest_ms,
    p99_ms: last_change.slowest_ms,
    sightings: 1,
  });
  expect(metrics.total.traced).toBeGreaterThanOrEqual(1);
});
