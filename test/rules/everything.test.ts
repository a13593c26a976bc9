// A project that uses everything: 500 users always and 2,000 never traced, 21 windows, a budget and a sample.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createTracingToggle, type Decision } from "../../sdk/src/index.ts";
import { parsePolicy } from "../../sdk/src/wire.ts";
import { policyDocument } from "../../worker/domain/policy.ts";
import { OVERRIDE_LIMITS } from "../../worker/services/users.ts";
import { apiOf } from "../harness/api.ts";
import { DAY, HOUR, MINUTE } from "../harness/clock.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";
import { projectOf } from "./policies.ts";

const MOST = 256_000;
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const two = (n: number) => String(n).padStart(2, "0");
const WINDOWS = Array.from({ length: 21 }, (_, i) => ({
  days: [...WEEK],
  from: `${two(i + 2)}:${10 + i}`,
  to: `${two(i + 2)}:${30 + i}`,
}));

/** Half an hour past midnight on Lord Howe Island, or midnight: the same windows lie ahead at whatever time this runs. */
function nextNight(): number {
  const today = new Date().setUTCHours(13, 30, 0, 0);
  return today > Date.now() ? today : today + DAY;
}

const clock = { now: 0 };
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let api: ReturnType<typeof apiOf>;
let id: string;
const always = Array.from({ length: OVERRIDE_LIMITS.always }, () => randomUUID());
const never = Array.from({ length: OVERRIDE_LIMITS.never }, () => randomUUID());

async function call(method: string, path: string, body?: unknown) {
  const response = await api.call(method, `/projects/${id}${path}`, body);
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  await worker.settled();
  return response.json();
}

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack, clock);
  api = apiOf(worker, await stack.createKey());
});
beforeEach(async () => {
  clock.now = nextNight();
  id = await stack.createProject();
  // all but one of each past the API, and the last ones by it: it counts the others
  const insert = (users: string[], trace: boolean) => stack.sql`
    insert into user_overrides (project_id, user_id, trace, created_at, expires_at)
    select ${id}, u, ${trace}, now(), ${trace ? new Date(clock.now + 30 * DAY).toISOString() : null}::timestamptz
    from unnest(${users.slice(1)}::text[]) u`;
  await insert(always, true);
  await insert(never, false);
  await call("PATCH", "/rules", {
    schedule: WINDOWS,
    time_zone: "Australia/Lord_Howe",
    daily_budget_usd: "100.00",
    sample_rate: 0.3,
    capture: "metadata",
    when_unavailable: "skip",
  });
  await call("PUT", `/users/${always[0]}`, { trace: true });
  await call("PUT", `/users/${never[0]}`, { trace: false });
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

/** A client, and what it asks Redis: the keys' names, and the bytes of the answer. */
function watchedSdk() {
  const asked: { keys: string; bytes: number }[] = [];
  const sdk = createTracingToggle({
    projectId: id,
    redis: { url: stack.upstash.url, token: stack.tokens.readOnlyToken },
    api: null,
    timeoutMs: 5_000,
    logger: null,
    now: () => clock.now,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const keys = decodeURIComponent(`${input}`).match(/(enabled|policy|version)(?=\/|$)/g) ?? [];
      asked.push({ keys: keys.join(" "), bytes: (await response.clone().arrayBuffer()).byteLength });
      return response;
    },
  });
  return { sdk, asked };
}

test("its document is below 256 kB, and every decision on it is that of the Worker", async () => {
  const text = (await stack.redis.get(`tracing:${id}:policy`)) as string;
  const bytes = Buffer.byteLength(text);
  expect(bytes).toBeLessThanOrEqual(MOST);
  const times = Array.from({ length: 21 }, () => {
    const begun = performance.now();
    parsePolicy(text);
    return performance.now() - begun;
  }).sort((a, b) => a - b);
  console.log(
    `a document with everything: ${bytes} bytes, ${JSON.parse(text).transitions.length} transitions, ` +
      `parsed in ${times[10]?.toFixed(2)} ms (median of 21; the slowest ${times[20]?.toFixed(2)} ms)`,
  );

  const { sdk } = watchedSdk();
  const seen = new Map<string, number>();
  const users = [...always.slice(0, 2), ...never.slice(0, 2), ...Array.from({ length: 3 }, () => randomUUID())];
  for (let hours = 0; hours < 24; hours += 8) {
    clock.now += hours === 0 ? 0 : 8 * HOUR - 13 * MINUTE;
    await worker.runCron();
    for (const user of users) {
      const at = new Date(clock.now).toISOString();
      const { trace, reason, capture } = (await call("GET", `/decision?user=${user}&at=${at}`)) as Decision;
      expect(await sdk.decide({ userId: user }), `${user} at ${at}`).toMatchObject({ trace, reason, capture });
      seen.set(reason, (seen.get(reason) ?? 0) + 1);
    }
  }
  expect(seen.get("user_override")).toBe(12);
  await sdk.close();
});

test("an SDK fetches the document once, and again only when its version has changed", async () => {
  const { sdk, asked } = watchedSdk();
  for (let second = 0; second < 50; second++) {
    await sdk.decide({ userId: never[7] });
    clock.now += 1_000;
  }
  const [first, ...others] = asked;
  expect(first?.keys).toBe("enabled policy version");
  expect(first?.bytes).toBeGreaterThan(100_000);
  expect(others.length).toBe(49);
  expect(new Set(others.map(({ keys }) => keys))).toEqual(new Set(["enabled version"]));
  expect(Math.max(...others.map(({ bytes }) => bytes))).toBeLessThan(100);

  await call("DELETE", `/users/${never[7]}`);
  asked.length = 0;
  for (let second = 0; second < 10; second++) {
    const { reason } = await sdk.decide({ userId: never[7] });
    expect(reason).not.toBe("user_override");
    clock.now += 1_000;
  }
  expect(asked.map(({ keys }) => keys)).toEqual([
    "enabled version",
    "enabled policy version",
    ...Array(9).fill("enabled version"),
  ]);
  await sdk.close();
});

test("no overrides that the API accepts make a document of more than 256 kB", () => {
  const now = Date.parse("2026-06-01T00:00:00Z");
  const { always, never, bytes } = OVERRIDE_LIMITS;
  const count = always + never;
  // as the API counts them: the id as JSON, and 22 bytes
  const idLength = Math.floor(bytes / count) - 22 - 2;
  const overrides = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [String(i).padStart(idLength, "x"), [i < always, now + 30 * DAY]]),
  );
  // every boundary of a day, in the two days to come
  const project = projectOf({ overrides: overrides as never, schedule: WINDOWS, sampleRate: 0.123456789012345 });
  const size = Buffer.byteLength(JSON.stringify(policyDocument(project, now)));
  expect(size).toBeGreaterThan(bytes);
  expect(size).toBeLessThanOrEqual(MOST);
});
