import { describe, expect, onTestFinished, test } from "vitest";
import { blackHole, faults, json, refusals, refusedUrl, slow } from "../faults/fault-server.ts";
import { off, PROJECT, policy, stand } from "./stand.ts";

const TIMEOUT_MS = 40;
const SLACK_MS = 1_000; // a loaded machine; how close to the bound we come is the benchmark's business
const every = Object.entries({ ...faults, ...refusals });

async function within<T>(work: Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work;
  expect(performance.now() - start).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  return result;
}

describe("with nothing ever known, and Redis failing by", () => {
  test.each(every)("%s, the request is traced within the bound", async (_name, fault) => {
    const it = await stand();
    it.redis.fault = fault;
    const client = it.redisClient({ timeoutMs: TIMEOUT_MS });
    expect(await within(client.decide({ userId: "u" }))).toMatchObject({
      trace: true,
      reason: "unavailable",
      source: "fallback",
      version: null,
      fetchedAt: null,
    });
    expect(client.stats()).toMatchObject({ fallbacks: 1, redis: { requests: 1, failures: 1 } });
    expect(it.logged.filter((line) => line.endsWith("defaulting to enabled (unavailable)"))).toHaveLength(1);
  });

  test.each(every)("%s, and the API too, the request is traced within the bound", async (_name, fault) => {
    const it = await stand();
    it.redis.fault = fault;
    it.api.fault = fault;
    const client = it.client({ timeoutMs: TIMEOUT_MS });
    expect(await within(client.isEnabled())).toBe(true);
    expect(client.peek()).toMatchObject({ trace: true, reason: "unavailable" });
    expect(await within(it.client({ timeoutMs: TIMEOUT_MS, whenUnavailable: "skip" }).isEnabled())).toBe(false);
  });
});

describe("Redis failing by whatever fault", () => {
  test("leaves the API time to answer", async () => {
    await Promise.all(
      every.map(async ([name, fault]) => {
        const it = await stand();
        it.redis.fault = fault;
        it.api.document = off({ version: 3 });
        const { trace, reason, source } = await it.client().decide();
        expect({ name, trace, reason, source }).toEqual({ name, trace: false, reason: "disabled", source: "api" });
      }),
    );
  });

  test("does not turn on what was known to be off", async () => {
    const known = [];
    for (const [name, fault] of every) {
      const it = await stand();
      it.redis.publish(off({ version: 3 }));
      const client = it.client({ timeoutMs: 1_000 });
      expect(await client.decide()).toMatchObject({ trace: false, source: "redis" });
      known.push({ name, fault, it, client });
    }
    await Promise.all(
      known.map(async ({ name, fault, it, client }) => {
        it.redis.fault = fault;
        it.api.fault = fault;
        it.now += 86_400_000;
        const { trace, reason, version, source } = await client.decide();
        const expected = { name, trace: false, reason: "disabled", version: 3, source: "fallback" };
        expect({ name, trace, reason, version, source }).toEqual(expected);
        expect(client.peek()).toMatchObject({ trace: false, reason: "disabled" });
      }),
    );
  });
});

describe("the API failing on a miss by", () => {
  test.each([
    ...every,
    ["noPolicy", json({ enabled: true })],
    ["aRejectedPolicy", json({ enabled: true, policy: { version: "x", enabled: true } })],
    ["aStatusInTheBody", json({ status: 410 })],
  ] as const)("%s, the request is traced", async (_name, fault) => {
    const it = await stand();
    it.redis.publish(undefined);
    it.api.fault = fault;
    const client = it.client({ timeoutMs: TIMEOUT_MS });
    expect(await within(client.decide())).toMatchObject({ trace: true, reason: "unavailable", source: "fallback" });
    expect(client.stats().api).toEqual({ requests: 1, failures: 1 });
  });
});

describe("values that are not what they should be", () => {
  test.each([
    [["true", "not json", "1"]],
    [["true", null, null]],
    [["true", "{}", "1"]],
    [[{}, [], 7]],
    [[null, null, null]],
    [["true", { version: 1 }, 1]],
  ])("%j: a miss", async (result) => {
    const it = await stand();
    it.redis.fault = json({ result });
    const client = it.redisClient();
    expect(await client.decide()).toMatchObject({ trace: true, reason: "unavailable" });
    expect(client.stats().redis).toEqual({ requests: 1, failures: 0 });
  });

  test("the state from a client that has parsed it counts", async () => {
    const it = await stand();
    it.redis.fault = json({ result: [false, off({ overrides: { always: [true, null] } }), 1] });
    const client = it.redisClient();
    expect(await client.decide()).toMatchObject({ trace: false, reason: "disabled" });
    expect(await client.decide({ userId: "always" })).toMatchObject({ trace: true });
  });
});

describe("connections", () => {
  test("a port that nobody listens on is given up at once", async () => {
    const it = await stand();
    const url = await refusedUrl();
    const client = it.client({ redis: { url, token: "t" }, api: { url, key: "k" }, timeoutMs: 5_000 });
    const start = performance.now();
    expect(await client.isEnabled()).toBe(true);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(it.logged[0]).toMatch(
      /redis: fetch failed \(ECONNREFUSED\); api: .*ECONNREFUSED.*; defaulting to enabled \(unavailable\)$/,
    );
  });

  test("a black hole is given up at the bound, and its connections are closed", async () => {
    const it = await stand();
    const hole = await blackHole();
    onTestFinished(() => hole.close());
    const both = { redis: { url: hole.url, token: "t" }, api: { url: hole.url, key: "k" }, timeoutMs: TIMEOUT_MS };
    expect(await within(it.client(both).isEnabled())).toBe(true);
    const client = it.client({ ...both, api: null, whenUnavailable: "skip" });
    expect(await within(client.isEnabled())).toBe(false);
  });

  test("a request that is not answered in time is aborted", async () => {
    const it = await stand();
    const closed = new Promise<void>((resolve) => {
      it.redis.fault = (request) => request.socket.once("close", () => resolve());
    });
    await it.redisClient({ timeoutMs: TIMEOUT_MS }).decide();
    await closed;
  });

  test("one that was closed while the process slept is replaced, and does not count as a failure", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(off({ version: 2 }));
    let resets = 0;
    it.redis.fault = (request) => {
      it.redis.fault = undefined;
      resets++;
      faults.reset(request);
    };
    it.now += 3_600_000;
    expect(await client.decide()).toMatchObject({ trace: false, version: 2, source: "redis" });
    expect(resets).toBe(1);
    expect(client.stats().redis.failures).toBe(0);
  });

  test("a redirect is not followed: the token goes nowhere else", async () => {
    const it = await stand();
    const elsewhere = await stand();
    it.redis.fault = (_request, response) => response.writeHead(302, { location: `${elsewhere.redis.url}/x` }).end();
    it.api.fault = (_request, response) => response.writeHead(307, { location: `${elsewhere.api.url}/x` }).end();
    expect(await it.client().decide()).toMatchObject({ reason: "unavailable" });
    expect(elsewhere.redis.server.requests.length + elsewhere.api.server.requests.length).toBe(0);
  });
});

describe("time", () => {
  test("runs out for Redis early enough to ask the API", async () => {
    const it = await stand();
    it.redis.fault = faults.hang;
    it.api.document = off();
    expect(await it.client({ timeoutMs: 1_000 }).decide()).toMatchObject({ trace: false, source: "api" });
  });

  test("is all of it Redis' when there is no API", async () => {
    const it = await stand();
    it.redis.fault = slow(700, json({ result: ["false", null, null] }));
    it.api.fault = faults.serverError;
    const [alone, both] = [it.redisClient({ timeoutMs: 1_100 }), it.client({ timeoutMs: 1_100 })];
    const decisions = await Promise.all([alone.decide(), both.decide()]);
    expect(decisions).toMatchObject([
      { trace: false, source: "redis" },
      { trace: true, source: "fallback" },
    ]);
  });

  test("that Redis and the API take together is bounded", async () => {
    const it = await stand();
    it.redis.fault = faults.hang;
    it.api.fault = faults.hang;
    const client = it.client({ timeoutMs: TIMEOUT_MS, now: Date.now });
    expect(await within(client.isEnabled())).toBe(true);
  });

  test("is bounded for both reads of a change together", async () => {
    const it = await stand();
    const client = it.redisClient({ timeoutMs: 1_000 });
    await client.decide();
    it.redis.fault = slow(700, json({ result: ["false", "2"] }));
    it.now += 1_000;
    const start = performance.now();
    expect(await client.decide()).toMatchObject({ trace: true, source: "fallback" });
    expect(performance.now() - start).toBeLessThan(1_000 + SLACK_MS);
    expect(it.redis.server.requests).toHaveLength(3);
  });

  test("set back by an hour during a refresh does not make it longer", async () => {
    const it = await stand();
    it.redis.fault = (request, response) => {
      it.now -= 3_600_000;
      faults.serverError(request, response);
    };
    it.api.fault = faults.hang;
    const client = it.client({ timeoutMs: TIMEOUT_MS });
    expect(await within(client.isEnabled())).toBe(true);
  });
});

describe("large answers", () => {
  test("a document of thousands of overrides is read", async () => {
    const it = await stand();
    const overrides = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`user-${i}`, [false, null]]));
    it.redis.publish(policy({ overrides }));
    const client = it.redisClient();
    expect(await client.decide({ userId: "user-4999" })).toMatchObject({ trace: false, reason: "user_override" });
    expect(await client.decide({ userId: "user-5000" })).toMatchObject({ trace: true });
  });

  test("ids that are names of Object.prototype are found only where they are", async () => {
    const it = await stand();
    it.redis.keys.set(
      `tracing:${PROJECT}:policy`,
      `{"version":1,"enabled":true,"overrides":{"__proto__":[false,null],"constructor":[false,null]}}`,
    );
    const client = it.redisClient();
    for (const userId of ["__proto__", "constructor"]) expect(await client.isEnabled({ userId })).toBe(false);
    for (const userId of ["toString", "valueOf"]) expect(await client.isEnabled({ userId })).toBe(true);
    it.redis.publish(policy(), undefined, "__proto__");
    expect(await client.decide({ projectId: "__proto__" })).toMatchObject({ trace: true, source: "redis" });
    expect(await client.decide({ projectId: "constructor" })).toMatchObject({ reason: "unavailable" });
    expect(client.stats()).toMatchObject({ decisions: 6, fallbacks: 1 });
  });
});
