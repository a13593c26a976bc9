import { Redis } from "@upstash/redis";
import { describe, expect, test } from "vitest";
import { faults } from "../faults/fault-server.ts";
import { off, PROJECT, policy, type Stand, stand } from "./stand.ts";

const overrides = { always: [true, null], never: [false, null] };

describe("an @upstash/redis client, unmodified", () => {
  const upstash = (it: Stand, options = {}) =>
    new Redis({ url: it.redis.url, token: it.redis.token, retry: { retries: 0 }, enableTelemetry: false, ...options });

  test.each([
    ["as it comes", {}],
    ["without automatic deserialization", { automaticDeserialization: false }],
    ["without automatic pipelining", { enableAutoPipelining: false }],
  ])("%s tells the policy", async (_name, options) => {
    const it = await stand();
    it.redis.publish(off({ overrides }));
    const client = it.redisClient({ redis: upstash(it, options) });
    expect(await client.decide({ userId: "u" })).toMatchObject({ trace: false, reason: "disabled", source: "redis" });
    expect(await client.decide({ userId: "always" })).toMatchObject({ trace: true, reason: "user_override" });
    it.redis.publish(policy({ version: 1_764_000_000_123, overrides }));
    it.now += 1_000;
    expect(await client.decide({ userId: "u" })).toMatchObject({ trace: true, version: 1_764_000_000_123 });
    expect(await client.decide({ userId: "never" })).toMatchObject({ trace: false });
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ source: "redis" });
    expect(it.redis.commands()).toEqual([
      "MGET enabled policy version",
      "MGET enabled version",
      "MGET enabled policy version",
      "MGET enabled version",
    ]);
    it.redis.publish(policy({ version: 1_764_000_000_123 }), "false");
    it.now += 1_000;
    expect(await client.decide({ userId: "always" })).toMatchObject({ trace: false, reason: "break_glass" });
  });

  test("is given up at the bound when nobody answers it", async () => {
    const it = await stand();
    it.redis.fault = faults.hang;
    const client = it.redisClient({ redis: upstash(it), timeoutMs: 50 });
    expect(await client.decide()).toMatchObject({ trace: true, reason: "unavailable" });
    expect(it.logged[0]).toMatch(/redis: timed out; defaulting to enabled \(unavailable\)$/);
  });

  test("with a wrong token is asked every 5 min, with one warning", async () => {
    const it = await stand();
    const client = it.redisClient({ redis: upstash(it, { token: "wrong" }) });
    for (let i = 0; i < 10; i++) {
      await client.decide();
      it.now += 20_000;
    }
    expect(it.redis.server.requests).toHaveLength(1);
    expect(it.logged.filter((line) => line.includes("credentials refused"))).toHaveLength(1);
    expect(it.logged.join()).not.toContain("wrong");
  });
});

describe("any client with mget", () => {
  const values =
    (document: Record<string, unknown>, enabled: unknown) =>
    async (...keys: string[]) =>
      keys.map((key) => (key.endsWith("enabled") ? enabled : key.endsWith("policy") ? document : document.version));

  test("is called as a method, with the keys as arguments", async () => {
    const it = await stand();
    const redis = {
      calls: [] as string[][],
      async mget(...keys: string[]) {
        this.calls.push(keys);
        return ["true", JSON.stringify(policy()), "1"];
      },
    };
    expect(await it.redisClient({ redis }).isEnabled()).toBe(true);
    expect(redis.calls).toEqual([["enabled", "policy", "version"].map((key) => `tracing:${PROJECT}:${key}`)]);
  });

  test("may have parsed the values", async () => {
    const it = await stand();
    const client = it.redisClient({ redis: { mget: values(off({ overrides }), false) } });
    expect(await client.decide({ userId: "u" })).toMatchObject({ trace: false, reason: "disabled" });
    expect(await client.decide({ userId: "always" })).toMatchObject({ trace: true });
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, source: "redis" });
  });

  test("that gives another process' object is not changed by ours", async () => {
    const it = await stand();
    const document = policy({ overrides });
    const before = structuredClone(document);
    await it.redisClient({ redis: { mget: values(document, true) } }).decide();
    expect(document).toEqual(before);
  });

  const fails: [string, () => never | Promise<unknown> | unknown][] = [
    [
      "throws synchronously",
      () => {
        throw new Error("boom");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boom"))],
    ["rejects with nothing", () => Promise.reject(undefined)],
    ["rejects with text", () => Promise.reject("boom")],
    ["rejects with an object without a prototype", () => Promise.reject(Object.create(null))],
    ["returns nothing", () => undefined],
    ["gives nothing", async () => undefined],
    ["gives null", async () => null],
    ["gives text", async () => "abc"],
    ["gives too few values", async () => ["true"]],
    [
      "gives traps",
      async () =>
        new Proxy([], {
          get: () => {
            throw new Error("trap");
          },
        }),
    ],
  ];

  test.each(fails)("that %s: the request is traced", async (_name, mget) => {
    const it = await stand();
    const client = it.redisClient({ redis: { mget: mget as () => Promise<unknown[]> } });
    expect(await client.decide()).toMatchObject({ trace: true, reason: "unavailable", source: "fallback" });
    expect(client.stats().redis).toEqual({ requests: 1, failures: 1 });
    expect(client.peek()).toMatchObject({ trace: true, reason: "unavailable" });
  });

  test("that never answers is given up at the bound, and may fail afterwards", async () => {
    const it = await stand();
    let fail = () => {};
    const mget = () =>
      new Promise<unknown[]>((_resolve, reject) => {
        fail = () => reject(new Error("too late"));
      });
    const client = it.redisClient({ redis: { mget }, timeoutMs: 20 });
    expect(await client.isEnabled()).toBe(true);
    fail();
    await new Promise(setImmediate);
  });
});

describe("a fetch of one's own", () => {
  test("is used for both endpoints", async () => {
    const it = await stand();
    it.redis.publish(undefined);
    const asked: string[] = [];
    const client = it.client({
      fetch: (input, init) => {
        asked.push(new URL(`${input}`).origin);
        return fetch(input, init);
      },
    });
    await client.decide();
    expect(asked).toEqual([it.redis.url, it.api.url]);
  });

  test("that throws synchronously does not hurt the request", async () => {
    const it = await stand();
    const client = it.client({
      fetch: () => {
        throw new Error("no network here");
      },
    });
    expect(await client.decide()).toMatchObject({ trace: true, reason: "unavailable" });
  });
});

describe("a waitUntil", () => {
  test("gets the background work of peek", async () => {
    const it = await stand();
    it.redis.publish(off());
    const work: Promise<unknown>[] = [];
    const client = it.redisClient({ waitUntil: (promise) => work.push(promise) });
    client.peek();
    await Promise.all(work);
    expect(work).toHaveLength(1);
    expect(client.peek()).toMatchObject({ reason: "disabled" });
  });

  test("that throws outside a request does not hurt peek or decide", async () => {
    const it = await stand();
    const client = it.redisClient({
      waitUntil: () => {
        throw new Error("no request");
      },
    });
    expect(client.peek()).toMatchObject({ trace: true, reason: "pending" });
    expect(await client.decide()).toMatchObject({ trace: true, reason: "enabled" });
    it.now += 999;
    expect(client.peek()).toMatchObject({ trace: true });
  });
});
