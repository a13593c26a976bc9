// What readers of the one key see of the rules, and what the SDK sees at the same instants. The clock stands still, so that the
// millisecond before a boundary can be looked at; the Worker, Redis and the SDK go by it.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createTracingToggle } from "../../sdk/src/index.ts";
import { apiOf } from "../harness/api.ts";
import { DAY, HOUR, MINUTE, resetClock, SECOND } from "../harness/clock.ts";
import { freshSdk, legacyTraces } from "../harness/readers.ts";
import { realServers, type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

/** A Wednesday, twelve o'clock in Zurich. */
const NOON = Date.parse("2027-06-09T10:00:00Z");
const ZONE = "Europe/Zurich";
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MIDNIGHT = NOON + 12 * HOUR;

let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let api: ReturnType<typeof apiOf>;
let id: string;
let clock = NOON;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack);
  api = apiOf(worker, await stack.createKey({ scopes: ["admin", "report"] }));
});
beforeEach(async () => {
  clock = NOON;
  Date.now = () => clock;
  id = await stack.createProject();
});
afterEach(async () => {
  await worker.settled();
  resetClock();
});
afterAll(() => stack?.close());

async function call(method: string, path: string, body: unknown): Promise<void> {
  const response = await api.call(method, `/projects/${id}${path}`, body);
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  await worker.settled();
}

const daily = (from: string, to: string) => ({ days: WEEK, from, to });
const set = {
  switch: (on: boolean) => call("PATCH", "/tracing", { tracing_enabled: on }),
  override: (on: boolean, seconds: number) =>
    call("PATCH", "/tracing", { tracing_enabled: on, duration_seconds: seconds }),
  schedule: (...schedule: unknown[]) => call("PATCH", "/rules", { time_zone: ZONE, schedule }),
  lock: () => call("PUT", "/lock", { reason: "an incident" }),
  async spend() {
    await call("PATCH", "/rules", { time_zone: ZONE, daily_budget_usd: "100.00" });
    const at = new Date(clock).toISOString();
    await call("POST", "/usage", {
      batch_id: randomUUID(),
      instance: "test",
      period_start: at,
      period_end: at,
      counts: {},
      cost_micros: 100_000_000,
      sdk: { version: "test", runtime: "test" },
    });
  },
};

/** A process that has run since before, and asks every second as it is used. */
function runningSdk() {
  const sdk = createTracingToggle({
    projectId: id,
    redis: { url: stack.upstash.url, token: stack.tokens.readOnlyToken },
    api: null,
    timeoutMs: 5_000,
    logger: null,
  });
  onTestFinished(() => sdk.close());
  return sdk;
}

const readsFalse = async () => !(await legacyTraces(stack.redis, id));
/** What a process says that starts now, and one that has run since before. */
async function sdksSay(running: ReturnType<typeof runningSdk>): Promise<string[]> {
  const fresh = freshSdk(stack, id);
  const decisions = [await fresh.decide({ userId: "user-1" }), await running.decide({ userId: "user-1" })];
  return decisions.map(({ trace, reason }) => `${trace ? "trace" : "skip"}: ${reason}`);
}
const both = (answer: string) => [answer, answer];

const OFF: [rule: string, set: () => Promise<void>, until: number][] = [
  ["the switch", () => set.switch(false), NOON + 12 * HOUR],
  ["a lock", () => set.lock(), NOON + 12 * HOUR],
  ["an override", () => set.override(false, 6 * 3_600), NOON + 6 * HOUR],
  ["a spent budget", () => set.spend(), MIDNIGHT],
  ["quiet hours", () => set.schedule(daily("08:00", "20:00")), NOON + 8 * HOUR],
];

describe.skipIf(realServers()).each(OFF)("of a project that is off by %s, the key", (_, turnOff, until) => {
  test("reads false at once, for as long as that lasts with the cron running, and after the cron when Redis was flushed", async () => {
    await turnOff();
    expect(await readsFalse()).toBe(true);
    for (clock += 150 * MINUTE; clock < until; clock += 150 * MINUTE) {
      expect(await readsFalse(), new Date(clock).toISOString()).toBe(true);
      await worker.runCron();
      expect(await readsFalse(), new Date(clock).toISOString()).toBe(true);
    }
    clock = until - MINUTE;
    await stack.redis.flushall();
    await worker.runCron();
    expect(await readsFalse()).toBe(true);
  });

  test("reads false to its last millisecond with the Worker, the database and the cron dead since then", async () => {
    await turnOff();
    clock = until - 1;
    expect(await readsFalse()).toBe(true);
  });
});

const ENDS: [rule: string, set: () => Promise<void>, reason: string, end: number][] = [
  ["an override", () => set.override(false, 3_600), "override", NOON + HOUR],
  ["a spent budget", () => set.spend(), "budget", MIDNIGHT],
  ["quiet hours", () => set.schedule(daily("08:00", "20:30")), "schedule", NOON + 8.5 * HOUR],
];

describe.skipIf(realServers()).each(ENDS)(
  "when %s ends, and the Worker, the database and the cron are dead",
  (_, turnOff, reason, end) => {
    test("tracing is on again in that millisecond, for readers of the one key, a new process and one that runs", async () => {
      await turnOff();
      const running = runningSdk();
      expect(await sdksSay(running)).toEqual(both(`skip: ${reason}`));
      clock = end - 1;
      expect(await readsFalse()).toBe(true);
      expect(await sdksSay(running)).toEqual(both(`skip: ${reason}`));
      clock = end;
      expect(await readsFalse()).toBe(false);
      expect(await sdksSay(running)).toEqual(both("trace: enabled"));
    });
  },
);

const BEGINS: [what: string, set: () => Promise<void>, reason: string, at: number][] = [
  ["quiet hours begin", () => set.schedule(daily("19:00", "06:00")), "schedule", NOON + 7 * HOUR],
  [
    "an override that keeps a switched off project on ends",
    async () => {
      await set.switch(false);
      await set.override(true, 7_200);
    },
    "disabled",
    NOON + 2 * HOUR,
  ],
];

describe.skipIf(realServers()).each(BEGINS)("when %s", (_, turnOn, reason, at) => {
  test("the SDK skips from that millisecond on, with the Worker, the database and the cron dead", async () => {
    await turnOn();
    const running = runningSdk();
    clock = at - 1;
    expect(await sdksSay(running)).toEqual(both("trace: enabled"));
    clock = at;
    expect(await sdksSay(running)).toEqual(both(`skip: ${reason}`));
    clock = NOON + DAY - 1;
    const isOver = reason === "schedule"; // quiet until 06:00
    expect(await sdksSay(running)).toEqual(both(isOver ? "trace: enabled" : `skip: ${reason}`));
  });

  test("the key reads false within a minute, with the cron running", async () => {
    await turnOn();
    clock = at - 30 * SECOND;
    await worker.runCron();
    expect(await readsFalse()).toBe(false);
    clock = at;
    expect(await stack.redis.get(`tracing:${id}:enabled`), "a `true` does not outlive the boundary").toBe(null);
    clock = at + 30 * SECOND;
    await worker.runCron();
    expect(await readsFalse()).toBe(true);
  });
});

describe.skipIf(realServers())("of a project that stays off, one rule after the other", () => {
  const STEPS: [reason: string, until: number][] = [
    ["override", NOON + 9 * HOUR],
    ["budget", MIDNIGHT],
    ["schedule", NOON + 18 * HOUR],
  ];
  const END = NOON + 18 * HOUR;
  beforeEach(async () => {
    await set.schedule(daily("20:00", "06:00"));
    await set.spend();
    await set.override(false, 9 * 3_600);
  });

  test("the key never reads anything but false, and the SDK tells each rule in its time, with everything else dead", async () => {
    const running = runningSdk();
    for (const [reason, until] of STEPS) {
      for (const instant of [until - HOUR, until - 1]) {
        clock = instant;
        expect(await readsFalse(), new Date(clock).toISOString()).toBe(true);
        expect(await sdksSay(running)).toEqual(both(`skip: ${reason}`));
      }
      clock = until;
      expect(await readsFalse(), new Date(clock).toISOString()).toBe(until < END);
    }
    expect(await sdksSay(running)).toEqual(both("trace: enabled"));
  });

  test("the key never reads anything but false with the cron running, whenever it runs", async () => {
    const boundaries = STEPS.map(([, until]) => until);
    const instants = Array.from({ length: 11 }, (_, i) => NOON + (i + 0.5) * 100 * MINUTE);
    for (clock of [...instants, ...boundaries.flatMap((at) => [at - 1, at])].sort((a, b) => a - b)) {
      expect(await readsFalse(), new Date(clock).toISOString()).toBe(clock < END);
      await worker.runCron();
      expect(await readsFalse(), new Date(clock).toISOString()).toBe(clock < END);
    }
  });
});

test.skipIf(realServers())(
  "21 windows: the SDK meets each of their 42 boundaries of a day to the millisecond, with everything but Redis dead",
  async () => {
    const hour = (i: number) => String(i).padStart(2, "0");
    const windows = Array.from({ length: 21 }, (_, i) => daily(`${hour(i + 2)}:${10 + i}`, `${hour(i + 2)}:${30 + i}`));
    await set.schedule(...windows);
    const running = runningSdk();
    let boundaries = 0;
    const startOfDay = MIDNIGHT - DAY;
    for (let day = startOfDay; day < NOON + DAY; day += DAY) {
      for (let i = 0; i < 21; i++) {
        const begin = day + (i + 2) * HOUR + (10 + i) * MINUTE;
        for (const [at, before, after] of [
          [begin, "trace: enabled", "skip: schedule"],
          [begin + 20 * MINUTE, "skip: schedule", "trace: enabled"],
        ] as const) {
          if (at <= NOON || at > NOON + DAY) continue;
          clock = at - 1;
          expect(await sdksSay(running), new Date(clock).toISOString()).toEqual(both(before));
          clock = at;
          expect(await sdksSay(running), new Date(clock).toISOString()).toEqual(both(after));
          boundaries++;
        }
      }
    }
    expect(boundaries).toBe(42);
    // The document is past its 24 h, and nobody renews it: the last known goes on for as long as it foresees.
    clock = NOON + DAY + 10 * MINUTE; // in the window from 12:20 to 12:40 soon
    expect(await sdksSay(running)).toEqual(both("trace: enabled"));
    clock = NOON + DAY + 25 * MINUTE;
    expect(await sdksSay(running)).toEqual(both("skip: schedule"));
  },
);
