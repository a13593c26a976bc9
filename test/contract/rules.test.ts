import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { moveClock, resetClock } from "../harness/clock.ts";
import { problemOf } from "../harness/problem.ts";
import { realServers, type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const HOUR = 3_600_000;

let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let admin: ReturnType<typeof apiOf>;
let writer: ReturnType<typeof apiOf>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack);
  admin = apiOf(worker, await stack.createKey({ name: "admin" }));
  writer = apiOf(worker, await stack.createKey({ name: "writer", scopes: ["write"] }));
});
beforeEach(async () => {
  id = await stack.createProject();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

type Api = ReturnType<typeof apiOf>;
const rules = async (api: Api = writer) => (await api.call("GET", `/projects/${id}/rules`)).json();
const setRules = (body: unknown, headers?: Record<string, string>, api: Api = writer) =>
  api.call("PATCH", `/projects/${id}/rules`, body, headers);
const project = async () => (await admin.call("GET", `/projects/${id}`)).json();
const document = async () => JSON.parse((await stack.redis.get(`tracing:${id}:policy`)) as string);
const events = async () => (await (await admin.call("GET", `/projects/${id}/events`)).json()).events;

const DEFAULTS = {
  sample_rate: 1,
  capture: "full",
  when_unavailable: "last_known",
  production: false,
  daily_budget_usd: null,
  run_cost_usd: null,
  time_zone: "UTC",
  schedule: [],
};
const EVERYTHING = {
  sample_rate: 0.3,
  capture: "metadata",
  when_unavailable: "skip",
  production: false,
  daily_budget_usd: "100.00",
  run_cost_usd: "0.0125",
  time_zone: "Europe/Zurich",
  schedule: [{ days: ["mon", "tue"], from: "22:00", to: "06:00" }],
};

describe("the rules", () => {
  test("of a new project trace everything", async () => {
    const response = await writer.call("GET", `/projects/${id}/rules`);
    const body = await response.json();
    expect(body).toEqual({ ...DEFAULTS, spent_today_usd: "0.00", override: null, lock: null, version: body.version });
    expect(response.headers.get("etag")).toBe(`"${body.version}"`);
  });

  test("are changed all at once, and are in Redis when the answer arrives", async () => {
    const response = await setRules({ ...EVERYTHING, reason: "costs" });
    const body = await response.json();
    expect(response.status).toBe(200);
    expect(body).toMatchObject({ ...EVERYTHING, propagation: "live", version: expect.any(Number) });
    expect(await rules()).toMatchObject(EVERYTHING);
    const { sample_rate, capture, when_unavailable } = EVERYTHING;
    expect(await document()).toMatchObject({ version: body.version, sample_rate, capture, when_unavailable });
  });

  test("that are not given stay as they are", async () => {
    await setRules(EVERYTHING);
    await setRules({ sample_rate: 0.5 });
    expect(await rules()).toMatchObject({ ...EVERYTHING, sample_rate: 0.5 });
    await setRules({ daily_budget_usd: null, schedule: [] });
    expect(await rules()).toMatchObject({ ...EVERYTHING, sample_rate: 0.5, daily_budget_usd: null, schedule: [] });
  });

  test("of a change of nothing stay, and the version rises all the same", async () => {
    const { version } = await rules();
    expect((await (await setRules({})).json()).version).toBeGreaterThan(version);
    expect(await rules()).toMatchObject(DEFAULTS);
  });

  test("leave an event with the changed fields, before and after", async () => {
    await setRules({ sample_rate: 0.25, daily_budget_usd: "12.5", reason: "trial" });
    const [event] = await events();
    expect(event).toMatchObject({
      action: "rules.changed",
      actor: { name: "writer" },
      reason: "trial",
      before: { sample_rate: 1, daily_budget_usd: null },
      after: { sample_rate: 0.25, daily_budget_usd: "12.50" },
    });
    await setRules({ daily_budget_usd: "0.000001" });
    expect((await events())[0]).toMatchObject({
      before: { daily_budget_usd: "12.50" },
      after: { daily_budget_usd: "0.000001" },
    });
  });

  test("say what a traced run costs, with before and after in the log; null clears it", async () => {
    await setRules({ run_cost_usd: "0.5" });
    await setRules({ run_cost_usd: "0.000123" });
    expect((await events())[0]).toMatchObject({
      before: { run_cost_usd: "0.50" },
      after: { run_cost_usd: "0.000123" },
    });
    await setRules({ run_cost_usd: null });
    expect(await rules()).toMatchObject({ run_cost_usd: null });
  });

  test("take a zone in any case, and keep its usual name", async () => {
    await setRules({ time_zone: "europe/zurich" });
    expect(await rules()).toMatchObject({ time_zone: "Europe/Zurich" });
  });

  test.for([
    [{ sample_rate: 1.1 }, "sample_rate"],
    [{ sample_rate: "0.3" }, "sample_rate"],
    [{ capture: "none" }, "capture"],
    [{ when_unavailable: "on" }, "when_unavailable"],
    [{ daily_budget_usd: 100 }, "daily_budget_usd"],
    [{ daily_budget_usd: "0" }, "daily_budget_usd"],
    [{ daily_budget_usd: "-1" }, "daily_budget_usd"],
    [{ daily_budget_usd: "1e3" }, "daily_budget_usd"],
    [{ run_cost_usd: 0.01 }, "run_cost_usd"],
    [{ run_cost_usd: "0.000000" }, "run_cost_usd"],
    [{ time_zone: "Mars/Olympus" }, "time_zone"],
    [{ time_zone: "+02:00" }, "time_zone"],
    [{ schedule: [{ days: [], from: "22:00", to: "06:00" }] }, "schedule.0.days"],
    [{ schedule: [{ days: ["mon", "mon"], from: "22:00", to: "06:00" }] }, "schedule.0.days"],
    [{ schedule: [{ days: ["monday"], from: "22:00", to: "06:00" }] }, "schedule.0.days.0"],
    [{ schedule: [{ days: ["mon"], from: "24:00", to: "06:00" }] }, "schedule.0.from"],
    [{ schedule: [{ days: ["mon"], from: "22:00", to: "25:00" }] }, "schedule.0.to"],
    [{ schedule: [{ days: ["mon"], from: "22:00" }] }, "schedule.0.to"],
    [{ schedule: Array(22).fill({ days: ["mon"], from: "22:00", to: "06:00" }) }, "schedule"],
    [{ sampling: 1 }, "sampling"],
  ] as const)("refuse %j by the field's path", async ([body, field]) => {
    const { version } = await rules();
    const response = await setRules(body);
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.[0]).toMatchObject({ field, message: expect.stringMatching(/\w/) });
    expect(await rules(), "nothing is changed").toMatchObject({ ...DEFAULTS, version });
  });
});

describe("concurrent edits", () => {
  test("with an old version in If-Match nothing is changed, and the answer tells the new one", async () => {
    const old = (await rules()).version;
    const { version } = await (await setRules({ sample_rate: 0.5 })).json();
    const response = await setRules({ sample_rate: 0.1 }, { "if-match": `"${old}"` });
    expect(response.status).toBe(412);
    expect(await problemOf(response)).toMatchObject({
      code: "version_mismatch",
      detail: expect.stringContaining(`${version}`),
    });
    expect(await rules()).toMatchObject({ sample_rate: 0.5, version });
    expect(await events()).toHaveLength(1);
    expect((await document()).version).toBe(version);
  });

  test("with the current version in If-Match, or with *, the change is made", async () => {
    const { version } = await rules();
    expect((await setRules({ sample_rate: 0.5 }, { "if-match": `"1", "${version}"` })).status).toBe(200);
    expect((await setRules({ sample_rate: 0.4 }, { "if-match": "*" })).status).toBe(200);
    expect((await setRules({ sample_rate: 0.3 }, { "if-match": '"not-a-version"' })).status).toBe(412);
    expect(await rules()).toMatchObject({ sample_rate: 0.4 });
  });

  test("of those that read the same version one is made; without If-Match the last one wins, and all are events", async () => {
    const { version } = await rules();
    const rates = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    const guarded = await Promise.all(
      rates.map((rate) => setRules({ sample_rate: rate }, { "if-match": `"${version}"` })),
    );
    expect(guarded.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
    expect(await events()).toHaveLength(1);
    await Promise.all(rates.map((rate) => setRules({ sample_rate: rate })));
    await worker.settled();
    const all = await events();
    expect(all).toHaveLength(1 + rates.length);
    expect(all[0].after.sample_rate).toBe((await rules()).sample_rate);
    expect((await document()).sample_rate).toBe((await rules()).sample_rate);
  });
});

describe("a temporary override", () => {
  const override = (tracing_enabled: boolean, duration_seconds: number, api: Api = writer) =>
    api.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled, duration_seconds, reason: "load test" });

  test("switches the project off until its end, and the switch stays as it is", async () => {
    const before = Date.now();
    const body = await (await override(false, 1_800)).json();
    const until = Date.parse(body.override.until);
    expect(until - before).toBeGreaterThanOrEqual(1_800_000);
    expect(until - before).toBeLessThan(1_830_000);
    expect(body).toMatchObject({
      status: "ok",
      tracing_enabled: true,
      message: `Tracing disabled for project until ${body.override.until}`,
      effective: false,
      reason: "override",
      propagation: "live",
      override: { trace: false },
    });
    expect(await document()).toMatchObject({
      enabled: false,
      reason: "override",
      transitions: [[until, true, "enabled"]],
    });
    expect(await stack.redis.call("PEXPIRETIME", `tracing:${id}:enabled`)).toBe(until);
    expect((await events())[0]).toMatchObject({
      action: "override.disabled",
      before: { override: null },
      after: { override: { trace: false, until: body.override.until } },
    });
  });

  test("switches a project on that is off by switch, schedule or budget; the sampling goes on", async () => {
    await setRules({
      schedule: [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "24:00" }],
    });
    await setRules({ sample_rate: 0 });
    await writer.switch(id, false);
    expect(await (await override(true, 3_600)).json()).toMatchObject({ effective: true, tracing_enabled: false });
    const decision = await (await writer.call("GET", `/projects/${id}/decision?user=u`)).json();
    expect(decision).toMatchObject({ trace: false, reason: "not_sampled", overrode: ["disabled", "schedule"] });
  });

  test("is ended by the switch, in the audit log too", async () => {
    const { override: begun } = await (await override(false, 3_600)).json();
    expect(await writer.switch(id, true)).toMatchObject({ effective: true });
    expect((await project()).override).toBeNull();
    expect((await events())[0]).toMatchObject({
      before: { tracing_enabled: true, override: begun },
      after: { tracing_enabled: true, override: null },
    });
  });

  test.for([59, 604_801, 60.5, "600", null])("of %j seconds is refused", async (seconds) => {
    const response = await override(false, seconds as number);
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.[0]?.field).toBe("duration_seconds");
  });

  test.skipIf(realServers())(
    "is over at its instant, exactly as before, and is published again by the cron",
    async () => {
      onTestFinished(resetClock);
      await override(false, 600);
      moveClock(599_000);
      expect(await writer.tracing(id)).toMatchObject({ effective: false, reason: "override" });
      moveClock(1_000);
      expect(await writer.tracing(id)).toMatchObject({ effective: true, reason: "enabled" });
      await worker.runCron();
      expect(await document()).toMatchObject({ enabled: true, transitions: [] });
    },
  );
});

describe("a lock", () => {
  const lock = (reason: unknown = "legal hold", api: Api = admin) =>
    api.call("PUT", `/projects/${id}/lock`, reason === undefined ? {} : { reason });

  test("keeps the project off for everyone, user overrides included", async () => {
    await writer.call("PUT", `/projects/${id}/users/vip`, { trace: true });
    expect(await (await lock()).json()).toMatchObject({
      lock: { reason: "legal hold" },
      effective: false,
      reason: "locked",
      propagation: "live",
    });
    expect(await document()).toMatchObject({ enabled: false, reason: "locked" });
    const decision = await (await writer.call("GET", `/projects/${id}/decision?user=vip`)).json();
    expect(decision).toMatchObject({ trace: false, reason: "locked", overrode: ["user_override", "enabled"] });
  });

  test("answers 423 with its reason to every change by a key without admin, and nothing is changed", async () => {
    await lock();
    const { version } = await rules();
    const changes = [
      writer.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: true }),
      writer.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: true, duration_seconds: 60 }),
      setRules({ sample_rate: 0.5 }),
      writer.call("PUT", `/projects/${id}/users/vip`, { trace: true }),
      writer.call("DELETE", `/projects/${id}/users/vip`),
    ];
    for (const response of await Promise.all(changes)) {
      expect(response.status).toBe(423);
      expect(await problemOf(response)).toMatchObject({
        code: "locked",
        detail: expect.stringContaining("legal hold"),
      });
    }
    expect((await rules()).version).toBe(version);
  });

  test("needs a reason, and an admin", async () => {
    expect((await problemOf(await lock(null))).errors?.[0]?.field).toBe("reason");
    expect((await lock("x", writer)).status).toBe(403);
    expect((await writer.call("DELETE", `/projects/${id}/lock`)).status).toBe(403);
  });

  test("is lifted by an admin, and all is as before, but for a temporary override", async () => {
    await writer.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: false, duration_seconds: 3_600 });
    await lock();
    expect((await project()).override).toBeNull();
    const response = await admin.call("DELETE", `/projects/${id}/lock`);
    expect(await response.json()).toMatchObject({ lock: null, effective: true, reason: "enabled" });
    const [unlocked, locked] = await events();
    expect(unlocked).toMatchObject({
      action: "project.unlocked",
      before: { lock: "legal hold" },
      after: { lock: null },
    });
    expect(locked).toMatchObject({
      action: "project.locked",
      before: { lock: null, override: { trace: false } },
      after: { lock: "legal hold", override: null },
    });
  });
});

test("a removal may come without a body, whatever type it says it has", async () => {
  await admin.call("PUT", `/projects/${id}/lock`, { reason: "x" });
  const json = { "content-type": "application/json" };
  expect((await admin.call("DELETE", `/projects/${id}/lock`, undefined, json)).status).toBe(200);
  expect((await admin.call("DELETE", `/projects/${id}`, undefined, json)).status).toBe(204);
});

test("a project marked production takes no change without a reason", async () => {
  await setRules({ production: true });
  const refused = await writer.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: false });
  expect(refused.status).toBe(422);
  expect(await problemOf(refused)).toMatchObject({ code: "reason_required", errors: [{ field: "reason" }] });
  expect(await writer.switch(id, false, "incident 7")).toMatchObject({ effective: false });
});

test("rules of a project that is deleted or unknown answer 410 and 404", async () => {
  await admin.call("DELETE", `/projects/${id}`);
  const unknown = crypto.randomUUID();
  for (const [method, path, body] of [
    ["GET", "rules", undefined],
    ["PATCH", "rules", { sample_rate: 0.5 }],
    ["PUT", "lock", { reason: "x" }],
    ["GET", "users", undefined],
    ["PUT", "users/u", { trace: false }],
    ["DELETE", "users/u", undefined],
    ["GET", "decision?user=u", undefined],
  ] as const) {
    const deleted = await admin.call(method, `/projects/${id}/${path}`, body);
    expect([path, deleted.status]).toEqual([path, 410]);
    const missing = await admin.call(method, `/projects/${unknown}/${path}`, body);
    expect([path, missing.status]).toEqual([path, 404]);
    await problemOf(missing);
  }
});

test("a schedule is effective at once, says so to who switches on, and foresees its changes", async () => {
  const now = new Date();
  const day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][now.getUTCDay()];
  await setRules({ schedule: [{ days: [day], from: "00:00", to: "24:00" }] });
  expect(await writer.switch(id, true)).toMatchObject({ tracing_enabled: true, effective: false, reason: "schedule" });
  const midnight = Math.ceil((now.getTime() + 1) / (24 * HOUR)) * 24 * HOUR;
  expect((await document()).transitions).toEqual([[midnight, true, "enabled"]]);
  const { next_change } = await (await writer.call("GET", `/projects/${id}/decision`)).json();
  expect(next_change).toEqual({ at: new Date(midnight).toISOString(), trace: true, reason: "enabled" });
});
