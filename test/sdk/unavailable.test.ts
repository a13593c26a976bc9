import { describe, expect, test } from "vitest";
import { faults } from "../faults/fault-server.ts";
import { off, PROJECT, policy, START, stand } from "./stand.ts";

const users = { always: [true, null], never: [false, null] };

/** A client that knows `document`, and after that time of silence gets no answer any more. */
async function lostAfter(ms: number, document: Record<string, unknown>, enabled?: string) {
  const it = await stand();
  it.redis.publish(document, enabled);
  const client = it.client({ whenUnavailable: "trace" });
  await client.decide();
  it.redis.fault = faults.serverError;
  it.api.fault = faults.serverError;
  it.now = START + ms;
  return { it, client };
}

describe("when nobody answers any more", () => {
  test("the last known policy applies for as long as the process lives", async () => {
    const document = policy({ overrides: users, transitions: [[START + 90_000_000, false, "schedule"]] });
    const { it, client } = await lostAfter(80_000_000, document);
    expect(await client.decide({ userId: "u" })).toMatchObject({
      trace: true,
      reason: "enabled",
      source: "fallback",
      version: 1,
      fetchedAt: START,
    });
    expect(await client.decide({ userId: "never" })).toMatchObject({ trace: false, reason: "user_override" });
    it.now = START + 90_000_000;
    expect(await client.decide({ userId: "u" })).toMatchObject({
      trace: false,
      reason: "schedule",
      source: "fallback",
    });
    it.now = START + 365 * 86_400_000;
    expect(await client.decide({ userId: "u" })).toMatchObject({ trace: false, reason: "schedule" });
  });

  test("an override of a user ends when it would have", async () => {
    const { it, client } = await lostAfter(10_000, off({ overrides: { u: [true, START + 20_000] } }));
    expect(await client.decide({ userId: "u" })).toMatchObject({ trace: true, reason: "user_override" });
    it.now = START + 20_000;
    expect(await client.decide({ userId: "u" })).toMatchObject({ trace: false, reason: "disabled" });
  });

  test("a document past its limit is still the last known, also when it was read like that", async () => {
    const it = await stand();
    it.redis.publish(off({ until: START - 1 }), "neither");
    it.api.fault = faults.serverError;
    const client = it.client();
    expect(await client.decide()).toMatchObject({ trace: false, reason: "disabled", version: 1, source: "fallback" });
    expect(client.peek()).toMatchObject({ trace: false, reason: "disabled" });
  });

  test("a miss in Redis does not make the policy forgotten", async () => {
    const it = await stand();
    it.redis.publish(off());
    it.api.fault = faults.serverError;
    const client = it.client();
    await client.decide();
    it.redis.keys.clear();
    for (let i = 0; i < 5; i++) {
      it.now += 1_000;
      expect(await client.decide()).toMatchObject({ trace: false, reason: "disabled", source: "fallback" });
    }
    expect(client.stats().fallbacks).toBe(5);
  });

  test("a miss in Redis is not asked about by every decision", async () => {
    const it = await stand();
    it.redis.publish(undefined);
    const client = it.redisClient();
    for (let i = 0; i < 100; i++) expect(await client.decide()).toMatchObject({ trace: true, reason: "unavailable" });
    expect(it.redis.server.requests).toHaveLength(1);
    expect(client.stats().fallbacks).toBe(100);
  });
});

describe("a project that chose skip", () => {
  const document = policy({ when_unavailable: "skip", overrides: users });

  test("is traced by the last known policy for 300 s", async () => {
    const { client } = await lostAfter(300_000, document);
    expect(await client.decide()).toMatchObject({ trace: true, reason: "enabled", source: "fallback" });
  });

  test("is not traced after that, not even a user who always is", async () => {
    const { client } = await lostAfter(300_001, document);
    expect(await client.decide()).toMatchObject({ trace: false, reason: "unavailable" });
    expect(await client.decide({ userId: "always" })).toMatchObject({ trace: false });
    expect(client.peek()).toMatchObject({ trace: false, reason: "unavailable" });
  });

  test("is traced again when it is known again", async () => {
    const { it, client } = await lostAfter(300_001, document);
    await client.decide();
    it.redis.fault = undefined;
    it.now += 61_000;
    expect(await client.decide()).toMatchObject({ trace: true, reason: "enabled", source: "redis" });
  });

  test("by a word that this release does not know is the same", async () => {
    const { client } = await lostAfter(300_001, { ...document, when_unavailable: "from-the-future" });
    expect(await client.isEnabled()).toBe(false);
  });
});

describe("a project that chose trace", () => {
  const chosen = { when_unavailable: "trace", overrides: users };

  test("and is off stays off for 300 s, and is traced after that", async () => {
    const { it, client } = await lostAfter(300_000, off(chosen));
    expect(await client.decide()).toMatchObject({ trace: false, reason: "disabled" });
    it.now = START + 300_001;
    expect(await client.decide()).toMatchObject({ trace: true, reason: "unavailable", source: "fallback" });
  });

  test("and samples nobody traces all after 300 s", async () => {
    const { client } = await lostAfter(300_001, policy({ ...chosen, sample_rate: 0 }));
    expect(await client.decide({ userId: "u" })).toMatchObject({ trace: true, reason: "unavailable" });
  });

  test.each([
    ["a user who is never traced", policy(chosen), undefined, "never", "user_override"],
    ["a lock", off({ ...chosen, reason: "locked" }), undefined, "always", "locked"],
    ["a deleted project", off({ ...chosen, reason: "deleted" }), undefined, "always", "deleted"],
    ["a break-glass", policy(chosen), "false", "always", "break_glass"],
  ])("keeps %s off", async (_name, document, enabled, userId, reason) => {
    const { it, client } = await lostAfter(300_001, document, enabled);
    expect(await client.decide({ userId })).toMatchObject({ trace: false, reason });
    it.now += 86_400_000;
    expect(await client.decide({ userId })).toMatchObject({ trace: false, reason });
    expect(client.peek({ userId })).toMatchObject({ trace: false, reason });
  });

  test("is not traced by peek from a snapshot of which nobody has asked since", async () => {
    const { client } = await lostAfter(300_001, off(chosen));
    expect(client.peek()).toMatchObject({ trace: false, reason: "disabled" });
  });
});

describe("with nothing ever known", () => {
  test.each([
    ["trace", true],
    ["skip", false],
  ] as const)("the client's own whenUnavailable %s applies", async (whenUnavailable, trace) => {
    const it = await stand();
    it.redis.fault = faults.serverError;
    it.api.fault = faults.serverError;
    const client = it.client({ whenUnavailable });
    expect(await client.decide()).toMatchObject({ trace, reason: "unavailable", source: "fallback", capture: "full" });
    expect(client.peek()).toMatchObject({ trace, reason: "unavailable" });
    it.now += 86_400_000;
    expect(await client.decide()).toMatchObject({ trace, reason: "unavailable" });
  });

  test("it no longer applies once a policy is known", async () => {
    const it = await stand();
    const client = it.redisClient({ whenUnavailable: "skip" });
    await client.decide();
    it.redis.fault = faults.serverError;
    it.now += 86_400_000;
    expect(await client.isEnabled()).toBe(true);
  });
});

describe("onFallback", () => {
  test("is called with every decision made because nobody told the policy, and with no other", async () => {
    const it = await stand();
    const told: [string, string, boolean][] = [];
    const client = it.redisClient({ onFallback: ({ reason, trace }, id) => told.push([id, reason, trace]) });
    await client.decide();
    client.peek();
    it.redis.fault = faults.serverError;
    it.now += 1_000;
    await client.decide();
    client.peek();
    await client.isEnabled({ projectId: "other" });
    expect(told).toEqual([
      [PROJECT, "enabled", true],
      [PROJECT, "enabled", true],
      ["other", "unavailable", true],
    ]);
    expect(client.stats()).toMatchObject({ decisions: 5, fallbacks: 3 });
  });

  test.each([
    () => {
      throw new Error("metrics are away");
    },
    async () => Promise.reject(new Error("metrics are away")),
  ])("that fails (%#) does not hurt the request", async (onFallback) => {
    const it = await stand();
    it.redis.fault = faults.serverError;
    const client = it.redisClient({ onFallback });
    expect(await client.isEnabled()).toBe(true);
    expect(client.peek().trace).toBe(true);
    await new Promise(setImmediate); // an unhandled rejection would be reported by now
  });
});

describe("closing", () => {
  test("ends what is under way, and answers by the last known from then on", async () => {
    const it = await stand();
    const client = it.redisClient({ timeoutMs: 60_000 });
    await client.decide();
    it.redis.fault = faults.hang;
    it.now += 1_000;
    const waiting = client.decide();
    await it.redis.server.seen(2);
    const closed = new Promise((resolve) => it.redis.server.requests[1]?.socket.once("close", resolve));
    await client.close();
    await closed;
    expect(await waiting).toMatchObject({ trace: true, source: "fallback" });
    it.now += 3_600_000;
    expect(await client.decide()).toMatchObject({ trace: true, reason: "enabled", source: "fallback" });
    client.peek();
    await client.ready();
    await client.close();
    expect(it.redis.server.requests).toHaveLength(2);
  });

  test("ends a probe in the background, too", async () => {
    const it = await stand();
    const client = it.redisClient({ timeoutMs: 60_000 });
    await client.decide();
    it.redis.fault = faults.serverError;
    it.now += 1_000;
    for (let i = 0; i < 3; i++) await client.decide();
    it.redis.fault = faults.hang;
    it.now += 6_001;
    await client.decide();
    await it.redis.server.seen(5);
    const closed = new Promise((resolve) => it.redis.server.requests[4]?.socket.once("close", resolve));
    await client.close();
    await closed;
    await it.idle();
  });
});
