import { describe, expect, test } from "vitest";
import { faults, json, refusals } from "../faults/fault-server.ts";
import { off, policy, START, type Stand, stand } from "./stand.ts";

const failing = faults.serverError;

/** Lets three refreshes fail, and says how many requests the endpoint has seen by then. */
async function open(it: Stand, client: { isEnabled(): Promise<boolean> }): Promise<void> {
  for (let i = 0; i < 3; i++) await client.isEnabled();
  it.redis.server.requests.length = 0;
  it.api.server.requests.length = 0;
}

describe("an endpoint that fails", () => {
  test("three times in a row is not asked for the next 5 s", async () => {
    const it = await stand();
    it.redis.fault = failing;
    const client = it.redisClient();
    for (let i = 0; i < 3; i++) {
      await client.isEnabled();
      expect(it.redis.server.requests).toHaveLength(i + 1);
    }
    for (let i = 0; i < 100; i++) {
      it.now += 49;
      expect(await client.decide()).toMatchObject({ trace: true, reason: "unavailable", source: "fallback" });
      client.peek();
    }
    await it.idle();
    expect(it.redis.server.requests).toHaveLength(3);
    expect(client.stats()).toMatchObject({ fallbacks: 103 + 100, redis: { requests: 3, failures: 3 } });
  });

  test("answers at once while it is not asked", async () => {
    const it = await stand();
    it.redis.fault = faults.hang;
    const client = it.redisClient({ timeoutMs: 20 });
    await open(it, client);
    let answered = false;
    client.decide().then(() => {
      answered = true;
    });
    await Promise.resolve();
    expect(answered).toBe(true);
  });

  test("twice and then answers starts from nought", async () => {
    const it = await stand();
    const client = it.redisClient({ maxAgeMs: 0 });
    for (let round = 0; round < 3; round++) {
      it.redis.fault = failing;
      await client.decide();
      await client.decide();
      it.redis.fault = undefined;
      expect(await client.decide()).toMatchObject({ source: "redis" });
    }
  });

  test("is probed once after 5 s, in the background while the snapshot is young", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.decide();
    it.now += 1_000;
    it.redis.fault = failing;
    await open(it, client);
    it.now += 6_001;
    let release = () => {};
    it.redis.fault = (request, response) => {
      release = () => json({ result: ["false", "1"] })(request, response);
    };
    const decisions = await Promise.all(Array.from({ length: 20 }, () => client.decide()));
    expect(decisions.every(({ trace, source }) => trace && source === "fallback")).toBe(true);
    await it.redis.server.seen(1);
    release();
    await it.idle();
    expect(it.redis.server.requests).toHaveLength(1);
    expect(await client.decide()).toMatchObject({ trace: false, reason: "break_glass", source: "snapshot" });
  });

  test("is probed in front when the snapshot is older than 60 s", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.decide();
    it.now += 1_000;
    it.redis.fault = failing;
    await open(it, client);
    it.redis.fault = undefined;
    it.redis.publish(off({ version: 2 }));
    it.now = START + 60_001;
    expect(await client.decide()).toMatchObject({ trace: false, version: 2, source: "redis" });
  });

  test("is probed in front when nothing was ever known", async () => {
    const it = await stand();
    it.redis.fault = failing;
    const client = it.redisClient();
    await open(it, client);
    it.redis.fault = undefined;
    it.redis.publish(off());
    it.now += 6_001;
    expect(await client.decide()).toMatchObject({ trace: false, source: "redis" });
  });

  test("is probed after pauses that grow to 30 s", async () => {
    const it = await stand();
    it.redis.fault = failing;
    const client = it.redisClient();
    await open(it, client);
    const gaps: number[] = [];
    for (let last = it.now; gaps.length < 6; it.now += 250) {
      await client.isEnabled();
      if (it.redis.server.requests.length > gaps.length) {
        gaps.push(it.now - last);
        last = it.now;
      }
    }
    const [first = 0, second = 0, third = 0, ...later] = gaps;
    expect(first).toBeGreaterThanOrEqual(5_000);
    expect(first).toBeLessThanOrEqual(6_250);
    expect(second).toBeGreaterThanOrEqual(10_000);
    expect(third).toBeGreaterThanOrEqual(20_000);
    for (const gap of later) {
      expect(gap).toBeGreaterThanOrEqual(25_000);
      expect(gap).toBeLessThanOrEqual(30_250);
    }
  });

  test("is asked again as ever once a probe succeeded", async () => {
    const it = await stand();
    it.redis.fault = failing;
    const client = it.redisClient();
    await open(it, client);
    it.redis.fault = undefined;
    it.now += 6_001;
    for (let i = 1; i <= 3; i++) {
      expect(await client.decide()).toMatchObject({ source: "redis" });
      it.now += 1_000;
    }
    it.redis.fault = failing;
    await client.decide();
    await client.decide();
    it.redis.fault = undefined;
    expect(await client.decide()).toMatchObject({ source: "redis" });
  });

  test("does not keep the other from being asked", async () => {
    const it = await stand();
    it.redis.fault = failing;
    const client = it.client();
    for (let i = 1; i <= 5; i++) {
      expect(await client.decide()).toMatchObject({ source: "api" });
      it.now += 1_000;
    }
    expect(it.redis.server.requests).toHaveLength(3);
    expect(it.api.server.requests).toHaveLength(5);
  });

  test("is asked again after the clock was set back", async () => {
    const it = await stand();
    it.redis.fault = failing;
    const client = it.redisClient();
    await open(it, client);
    it.redis.fault = undefined;
    it.redis.publish(off());
    it.now -= 3_600_000;
    expect(await client.decide()).toMatchObject({ trace: false, source: "redis" });
  });

  test("with one project's document only, goes on answering for the others", async () => {
    const it = await stand();
    it.redis.publish(undefined, "x", "broken");
    it.api.fault = (request, response) =>
      json(request.url?.includes("broken") ? { policy: "?" } : { policy: off() })(request, response);
    const client = it.apiClient({ maxAgeMs: 0 });
    for (let i = 0; i < 5; i++) {
      expect(await client.isEnabled({ projectId: "broken" })).toBe(true);
      expect(await client.isEnabled()).toBe(false);
    }
  });
});

describe("an endpoint that refuses the credentials", () => {
  test.each(Object.entries(refusals))("(%s) is asked every 5 min, with one warning", async (_name, refusal) => {
    const it = await stand();
    it.redis.fault = refusal;
    const client = it.redisClient();
    for (let minute = 0; minute < 4.9; minute += 0.1) {
      expect(await client.decide()).toMatchObject({ trace: true, reason: "unavailable" });
      it.now += 6_000;
    }
    expect(it.redis.server.requests).toHaveLength(1);
    it.now = START + 300_000;
    for (let minute = 0; minute < 4.9; minute += 0.1) {
      await client.decide();
      it.now += 6_000;
    }
    expect(it.redis.server.requests).toHaveLength(2);
    expect(it.logged.filter((line) => line.includes("credentials refused"))).toHaveLength(1);
    expect(it.logged.join()).not.toContain(it.redis.token);
  });

  test("leaves the other one to answer", async () => {
    const it = await stand();
    it.redis.fault = refusals.unauthorized;
    it.api.document = off();
    const client = it.client();
    for (let i = 0; i < 5; i++) {
      expect(await client.decide()).toMatchObject({ trace: false, source: "api" });
      it.now += 1_000;
    }
    expect(it.redis.server.requests).toHaveLength(1);
    it.redis.fault = undefined;
    it.redis.publish(policy({ version: 2 }));
    it.now = START + 300_000;
    expect(await client.decide()).toMatchObject({ trace: true, source: "redis" });
  });

  test("is warned of again when it refuses after it had accepted", async () => {
    const it = await stand();
    const client = it.redisClient();
    for (let i = 1; i <= 2; i++) {
      it.redis.fault = refusals.forbidden;
      it.now += 300_001;
      await client.decide();
      it.redis.fault = undefined;
      it.now += 300_001;
      expect(await client.decide()).toMatchObject({ source: "redis" });
      expect(it.logged.filter((line) => line.includes("credentials refused"))).toHaveLength(i);
    }
  });

  test("as a client's error is recognised, too", async () => {
    const it = await stand();
    let asked = 0;
    const mget = async () => {
      asked++;
      throw new Error("NOPERM User default has no permissions to run the 'mget' command");
    };
    const client = it.redisClient({ redis: { mget } });
    for (let i = 0; i < 10; i++) await client.decide();
    expect(asked).toBe(1);
  });
});
