import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createTracingToggle, type TracingToggleOptions } from "../../sdk/src/index.ts";
import { normalizeOptions } from "../../sdk/src/options.ts";
import { type Usage, type UsageOptions, usage, VERSION } from "../../sdk/src/usage.ts";
import type { UsageReport } from "../../sdk/src/wire.ts";
import { type Answer, faults, json, refusals, refusedUrl } from "../faults/fault-server.ts";
import { off, PROJECT, policy, START, stand } from "./stand.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const accepted = json({ accepted: true });

/** A report as it came in: of which project, and its bytes. */
interface Received {
  project: string;
  text: string;
  report: UsageReport;
}

/** A project whose client reports its usage to a stand-in for the Worker, which takes reports as told. */
async function metered(options: UsageOptions = {}, answer: Answer = accepted, clock?: () => number) {
  const it = await stand();
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const policies = it.api.server.answer;
  const api = {
    answer,
    received,
    async seen(count: number): Promise<void> {
      while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
  it.api.server.answer = async (request, response) => {
    const project = /^\/api\/v1\/projects\/(.+)\/usage$/.exec(request.url ?? "")?.[1];
    if (project === undefined) return policies(request, response);
    expect(request.method).toBe("POST");
    expect(request.headers).toMatchObject({ authorization: "Bearer api-key", "content-type": "application/json" });
    const text = Buffer.concat(await request.toArray()).toString();
    received.push({ project: decodeURIComponent(project), text, report: JSON.parse(text) });
    for (const go of waiting.splice(0)) go();
    api.answer(request, response);
  };
  const meter: Usage = usage({ intervalMs: 10_000_000, ...options });
  const client = it.client({ usage: meter, maxAgeMs: 1_000_000_000, ...(clock && { now: clock }) });
  const decide = async (count: number) => {
    for (let i = 0; i < count; i++) await client.decide();
  };
  return { it, api, meter, client, decide };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("usage", () => {
  test("is reported at once when a version is first seen, and carries it", async () => {
    const { it, api, client, decide } = await metered();
    it.redis.publish(policy({ version: 1_764_000_000_123 }));
    await client.decide();
    await api.seen(1);
    expect(api.received[0]).toMatchObject({ project: PROJECT });
    expect(api.received[0]?.report).toEqual({
      batch_id: expect.stringMatching(UUID),
      instance: expect.stringMatching(UUID),
      period_start: new Date(START).toISOString(),
      period_end: new Date(START).toISOString(),
      counts: { enabled: 1 },
      cost_micros: 0,
      policy_version: 1_764_000_000_123,
      sdk: { version: VERSION, runtime: "node" },
    });
    await decide(10);
    it.redis.publish(off({ version: 1_764_000_001_000 }));
    it.now += 1_000_000_000;
    await client.decide();
    await api.seen(2);
    expect(api.received[1]?.report).toMatchObject({
      counts: { enabled: 10, disabled: 1 },
      policy_version: 1_764_000_001_000,
      period_start: new Date(START).toISOString(),
      period_end: new Date(it.now).toISOString(),
    });
    const [first, second] = api.received.map(({ report }) => report);
    expect(second?.instance).toBe(first?.instance);
    expect(second?.batch_id).not.toBe(first?.batch_id);
  });

  test("is counted by reason, of decide, isEnabled and peek, and sent when the interval is over", async () => {
    const { it, api, client, decide } = await metered({ intervalMs: 300 });
    it.redis.publish(policy({ sample_rate: 0.5, overrides: { never: [false, null] } }));
    await decide(1);
    await api.seen(1);
    for (let i = 0; i < 50; i++) await client.isEnabled({ userId: `user-${i}` });
    for (let i = 0; i < 50; i++) client.peek({ userId: `user-${i}` });
    await client.decide({ userId: "never" });
    expect(api.received).toHaveLength(1);
    const began = performance.now();
    await api.seen(2);
    expect(performance.now() - began).toBeGreaterThan(100);
    const counts = api.received[1]?.report.counts ?? {};
    expect(counts).toEqual({ sampled: expect.any(Number), not_sampled: expect.any(Number), user_override: 1 });
    expect((counts.sampled ?? 0) + (counts.not_sampled ?? 0)).toBe(100);
  });

  test("is sent by flush(), which resolves when it has arrived", async () => {
    const { api, client, decide } = await metered();
    await decide(1);
    await api.seen(1);
    await decide(41);
    await client.flush();
    expect(api.received[1]?.report.counts).toEqual({ enabled: 41 });
    await client.flush();
    expect(api.received).toHaveLength(2);
  });

  test("of the same time is one project's by itself", async () => {
    const { it, api, client } = await metered();
    it.redis.publish(off(), undefined, "other");
    await client.decide();
    await client.decide({ projectId: "Other" });
    await client.flush();
    expect(api.received.map(({ project, report }) => [project, report.counts]).sort()).toEqual([
      [PROJECT, { enabled: 1 }],
      ["other", { disabled: 1 }],
    ]);
  });

  test("has the fall-backs in it, with no version while none is known", async () => {
    const { it, api, client } = await metered();
    it.redis.fault = faults.serverError;
    it.api.fault = faults.serverError;
    await client.decide();
    await client.flush();
    expect(api.received[0]?.report).toMatchObject({ counts: { unavailable: 1 }, policy_version: null });
  });
});

describe("cost", () => {
  test("is added up, in whole millionths of a dollar, to a project's next report", async () => {
    const { api, meter, client } = await metered();
    meter.recordCost(1_000);
    meter.recordCost(250.4);
    meter.recordCost(5, "Other");
    await client.flush();
    expect(api.received.map(({ project, report }) => [project, report.cost_micros, report.counts]).sort()).toEqual([
      [PROJECT, 1_250, {}],
      ["other", 5, {}],
    ]);
  });

  test.each([
    Number.NaN,
    -1,
    0,
    Number.POSITIVE_INFINITY,
    "12" as never,
    undefined as never,
    null as never,
    {} as never,
  ])("of %j is none", async (micros) => {
    const { api, meter, client } = await metered();
    meter.recordCost(micros);
    await client.flush();
    expect(api.received).toHaveLength(0);
  });

  test.each([12, {}, null, "", "Ä/../x?y", "\ud800", "x".repeat(100_000)])(
    "of the project %j does no harm",
    async (id) => {
      const { api, meter, client } = await metered();
      meter.recordCost(5, id as never);
      await client.flush();
      expect(api.received).toMatchObject([{ report: { cost_micros: 5 } }]);
      expect(api.received[0]?.project.length).toBeLessThanOrEqual(200);
    },
  );

  test("never grows past what a number can count", async () => {
    const { api, meter, client } = await metered();
    for (let i = 0; i < 3; i++) meter.recordCost(Number.MAX_SAFE_INTEGER);
    await client.flush();
    expect(api.received[0]?.report.cost_micros).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("before there is a client is nobody's", () => {
    expect(() => usage().recordCost(1)).not.toThrow();
  });
});

describe("a report that does not get through", () => {
  const lasting = Object.entries({
    ...faults,
    unauthorized: refusals.unauthorized,
    forbidden: refusals.forbidden,
    timeout: json({}, 408),
  }).filter(
    // these take the report, whatever they answer with
    ([name]) =>
      !/^(cutBody|html|empty|noContent|headersOnly|halfBody|quota|wrongSchema|result|too(Few|Many)V|notAnO|list|number|notGzip|notUtf8|endless|drip)/.test(
        name,
      ),
  );

  test.each(lasting)("because of %s is sent again as it was, and later counts are another", async (_name, fault) => {
    const { it, api, client, decide } = await metered({ timeoutMs: 100 }, fault);
    await decide(3);
    await client.flush();
    await decide(4);
    await client.flush();
    api.answer = accepted;
    it.now += 400_000;
    // on a busy machine an answer may take longer than 100 ms
    while (new Set(api.received.map(({ text }) => text)).size === 1) await client.flush();
    const [first, ...others] = api.received;
    expect(first?.report.counts).toEqual({ enabled: expect.any(Number) });
    const retries = others.slice(0, -1);
    expect(retries.length).toBeGreaterThanOrEqual(1);
    for (const retry of retries) expect(retry.text).toBe(first?.text);
    const last = others.at(-1)?.report as UsageReport;
    expect(last.batch_id).not.toBe(first?.report.batch_id);
    expect((first?.report.counts.enabled ?? 0) + (last.counts.enabled ?? 0)).toBe(7);
    expect(it.logged).toEqual([expect.stringMatching(/: usage is not reported \(.+\); it is kept for 24 h$/)]);
  });

  test("by a port that nobody listens on is kept, too", async () => {
    const it = await stand();
    const client = it.client({ api: { url: await refusedUrl(), key: "k" }, usage: usage() });
    await client.decide();
    await client.flush();
    expect(it.logged).toEqual([
      expect.stringContaining("usage is not reported (fetch failed (ECONNREFUSED)); it is kept"),
    ]);
  });

  test.each([400, 404, 410, 413, 422])("because of a %d is lost, and said so once", async (status) => {
    const { it, api, client, decide } = await metered({}, json({}, status));
    for (let i = 0; i < 3; i++) {
      await decide(1);
      await client.flush();
    }
    expect(new Set(api.received.map(({ report }) => report.batch_id)).size).toBe(api.received.length);
    expect(it.logged).toEqual([expect.stringContaining(`usage is not reported (HTTP ${status}); it is lost`)]);
  });

  test("is tried again by itself, at the interval and then less and less often", async () => {
    const { api, decide } = await metered({ intervalMs: 100 }, faults.serverError, Date.now);
    await decide(1);
    const times: number[] = [];
    for (let i = 1; i <= 3; i++) {
      await api.seen(i);
      times.push(performance.now());
    }
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThan(70);
    expect(third - second).toBeGreaterThan(140);
    expect(new Set(api.received.map(({ text }) => text)).size).toBe(1);
  });

  test("for 24 h is given up; what was counted since is not", async () => {
    const { it, api, client, decide } = await metered({}, faults.serverError);
    await decide(1);
    await client.flush();
    const [first] = api.received;
    await decide(5);
    it.now += 24 * 3_600_000 - 1;
    await client.flush();
    expect(api.received.at(-1)?.text).toBe(first?.text);
    it.now += 1;
    await client.flush(); // the last time
    api.answer = accepted;
    await client.flush();
    const { report } = api.received.at(-1) as Received;
    expect(report.batch_id).not.toBe(first?.report.batch_id);
    expect(Object.values(report.counts).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(5);
  });
});

describe("reporting", () => {
  test("is never in a request's way", async () => {
    const { api, client } = await metered({ timeoutMs: 60_000 }, faults.hang);
    await client.decide();
    await api.seen(1);
    const began = performance.now();
    for (let i = 0; i < 1_000; i++) {
      await client.decide();
      client.peek();
    }
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(api.received).toHaveLength(1);
  });

  test("of a thousand projects does not ask an API that is away a thousand times", async () => {
    const it = await stand();
    let requests = 0;
    const client = it.redisClient({
      api: { url: "http://127.0.0.1:9", key: "k" },
      redis: { mget: async (...keys) => keys.map((key) => (key.endsWith("enabled") ? "false" : null)) },
      maxAgeMs: 1_000_000_000,
      fetch: async () => {
        requests++;
        throw new TypeError("fetch failed");
      },
      usage: usage(),
    });
    for (let i = 0; i < 1_000; i++) await client.decide({ projectId: `p-${i}` });
    await client.flush();
    expect(requests).toBeLessThan(20);
  });

  test.each([
    ["a source of random ids", () => vi.stubGlobal("crypto", {}), {}],
    ["a clock", () => {}, { now: () => 9e15 }],
  ])("without %s is kept, and harms nobody", async (_name, spoil, options) => {
    const it = await stand();
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    try {
      const client = it.client({ ...options, usage: usage({ intervalMs: 5 }) });
      spoil();
      expect(await client.decide()).toMatchObject({ trace: true });
      await client.flush();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await client.decide()).toMatchObject({ trace: true });
      expect(unhandled).not.toHaveBeenCalled();
      expect(it.logged.filter((line) => line.includes("usage is not reported"))).toHaveLength(1);
    } finally {
      process.off("unhandledRejection", unhandled);
    }
  });

  test("remembers so many projects and reasons, and no more", async () => {
    const it = await stand();
    const meter = usage();
    const bodies: UsageReport[] = [];
    const options: TracingToggleOptions = {
      api: { url: "http://127.0.0.1:9", key: "k" },
      redis: { mget: async (...keys) => keys.map((key) => (key.endsWith("enabled") ? "false" : null)) },
      maxProjects: 5_000,
      maxAgeMs: 1_000_000_000,
      fetch: async (_input, init) => {
        bodies.push(JSON.parse(`${init?.body}`));
        return Response.json({ accepted: true });
      },
    };
    const client = it.redisClient({ ...options, usage: meter });
    for (let i = 0; i < 2_500; i++) client.peek({ projectId: `p-${i}` });
    await client.flush();
    expect(bodies).toHaveLength(1_000);
    for (let i = 2_500; i < 2_600; i++) client.peek({ projectId: `p-${i}` });
    await client.flush();
    expect(bodies).toHaveLength(1_100);

    bodies.length = 0;
    const decision = client.peek();
    const hooks = usage()(normalizeOptions(options));
    for (let i = 0; i < 1_000; i++) hooks.count("p", { ...decision, reason: `rule-${i}` });
    await hooks.flush();
    hooks.close();
    const counts = bodies[0]?.counts ?? {};
    expect(Object.keys(counts)).toHaveLength(33);
    expect(counts).toMatchObject({ "rule-0": 1, "rule-31": 1, other: 1_000 - 32 });
  });

  test("needs an API, and is one client's", () => {
    const redis = { url: "http://127.0.0.1:9", token: "t" };
    const api = { url: "http://127.0.0.1:9", key: "k" };
    expect(() => createTracingToggle({ redis, api: null, usage: usage() })).toThrow(
      new TypeError("tracing-toggle: api must be given to report usage"),
    );
    const meter = usage();
    createTracingToggle({ redis, api, usage: meter });
    expect(() => createTracingToggle({ redis, api, usage: meter })).toThrow(
      new TypeError("tracing-toggle: usage must be of one client alone"),
    );
  });

  test.each([{ intervalMs: 0 }, { timeoutMs: Number.NaN }, { intervalMs: "10s" as never }])("refuses %j", (options) => {
    expect(() => usage(options)).toThrow(/^tracing-toggle: (intervalMs|timeoutMs) must be a number/);
  });

  test("does nothing when the client is made: no request, timer or random number", async () => {
    const spies = [
      vi.spyOn(globalThis, "fetch"),
      vi.spyOn(globalThis, "setTimeout"),
      vi.spyOn(crypto, "randomUUID"),
      vi.spyOn(Date, "now"),
    ];
    const client = createTracingToggle({
      projectId: PROJECT,
      redis: null,
      api: { url: "http://127.0.0.1:9", key: "k" },
      usage: usage(),
    });
    await client.flush();
    await client.close();
    for (const spy of spies.slice(0, 3)) expect(spy).not.toHaveBeenCalled();
  });

  test("ends with close(): what is under way is ended, and nothing is sent any more", async () => {
    const { it, api, client, decide } = await metered({ timeoutMs: 60_000, intervalMs: 50 }, faults.hang);
    await decide(1);
    await api.seen(1);
    const flushed = client.flush();
    await client.close();
    await flushed;
    await decide(10);
    await client.flush();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(api.received).toHaveLength(1);
    expect(it.logged).toEqual([]);
  });

  test("tells the release that package.json has", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../sdk/package.json", import.meta.url), "utf8"));
    expect(VERSION).toBe(version);
  });

  test("of a client without it: flush() resolves at once", async () => {
    const it = await stand();
    await it.client().flush();
  });
});

describe("where no timer outlives a request", () => {
  test("reports go out under waitUntil, with a decision that comes when the interval is over", async () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    const { it, api, client } = await metered({ intervalMs: 12_345 });
    const timers = vi.spyOn(globalThis, "setTimeout");
    await client.decide();
    await it.idle();
    expect(api.received.map(({ report }) => [report.counts, report.sdk.runtime])).toEqual([
      [{ enabled: 1 }, "workerd"],
    ]);
    for (let i = 0; i < 5; i++) {
      it.now += 2_468;
      client.peek();
    }
    await it.idle();
    expect(api.received).toHaveLength(1);
    it.now += 5;
    client.peek();
    await it.idle();
    expect(api.received[1]?.report.counts).toEqual({ enabled: 6 });
    expect(timers.mock.calls.filter(([, ms]) => ms === 12_345)).toEqual([]);
  });

  test("a version that is first seen while a report is under way is told as soon as that one has arrived", async () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    let answerFirst = () => {};
    const { it, api, client } = await metered({}, (request, response) => {
      answerFirst = () => accepted(request, response);
    });
    it.redis.publish(policy({ version: 5 }));
    client.peek();
    await api.seen(1);
    expect(api.received[0]?.report).toMatchObject({ policy_version: null, counts: { pending: 1 } });
    await client.decide();
    api.answer = accepted;
    answerFirst();
    await api.seen(2);
    expect(api.received[1]?.report).toMatchObject({ policy_version: 5, counts: { enabled: 1 } });
    await it.idle();
    expect(api.received).toHaveLength(2);
  });

  test("a report that died with its request is sent again, the same", async () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    const { it, api, client } = await metered({ intervalMs: 10_000, timeoutMs: 1_000_000 }, faults.hang);
    client.ready();
    await client.decide();
    await api.seen(1);
    it.now += 20_000;
    client.peek(); // the first is still under way
    api.answer = accepted;
    it.now += 2_000_000;
    client.peek();
    await api.seen(2);
    expect(api.received[1]?.text).toBe(api.received[0]?.text);
    await new Promise((resolve) => setTimeout(resolve, 50)); // its answer is on its way
    await client.flush();
    expect(api.received.at(-1)?.report.counts).toEqual({ enabled: 2 });
  });
});
