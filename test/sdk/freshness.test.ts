import { describe, expect, test } from "vitest";
import { json } from "../faults/fault-server.ts";
import { off, PROJECT, policy, START, stand } from "./stand.ts";

describe("the snapshot", () => {
  test("answers for 999 ms, and is refreshed first from then on", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(off({ version: 2 }));
    it.now += 499;
    expect(await client.decide()).toMatchObject({ trace: true, source: "snapshot", fetchedAt: START });
    expect(it.redis.server.requests).toHaveLength(1);
    it.now = START + 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, source: "redis", fetchedAt: START + 1_000 });
  });

  test("is refreshed ahead of its end, so that a busy process never waits", async () => {
    const it = await stand();
    const client = it.redisClient({ maxAgeMs: 10_000 }); // timeoutMs is 2,000
    await client.decide();
    it.redis.publish(off({ version: 2 }));
    it.now = START + 7_999;
    expect(await client.decide()).toMatchObject({ trace: true });
    await it.idle();
    expect(it.redis.server.requests).toHaveLength(1);
    it.now = START + 8_000;
    expect(await client.decide()).toMatchObject({ trace: true, source: "snapshot" });
    await it.idle();
    expect(it.redis.commands().slice(1)).toEqual(["MGET enabled version", "MGET enabled policy version"]);
    expect(await client.decide()).toMatchObject({ trace: false, source: "snapshot", fetchedAt: START + 8_000 });
  });

  test("is shared by a hundred decisions at once: one request", async () => {
    const it = await stand();
    const client = it.redisClient();
    const decisions = await Promise.all(Array.from({ length: 100 }, () => client.decide()));
    expect(new Set(decisions.map(({ source }) => source))).toEqual(new Set(["redis"]));
    expect(it.redis.server.requests).toHaveLength(1);
    it.now += 5_000;
    await Promise.all(Array.from({ length: 100 }, () => client.isEnabled()));
    expect(it.redis.server.requests).toHaveLength(2);
  });

  test("of a refresh that fails is shared, too: a hundred decisions wait for one request", async () => {
    const it = await stand();
    it.redis.fault = json({}, 500);
    const client = it.redisClient();
    const decisions = await Promise.all(Array.from({ length: 100 }, () => client.decide()));
    expect(decisions.every(({ trace, reason }) => trace && reason === "unavailable")).toBe(true);
    expect(it.redis.server.requests).toHaveLength(1);
  });

  test("is of no use with maxAgeMs 0: every decision asks", async () => {
    const it = await stand();
    const client = it.redisClient({ maxAgeMs: 0 });
    expect(await client.isEnabled()).toBe(true);
    it.redis.publish(off({ version: 2 }));
    expect(await client.isEnabled()).toBe(false);
    await Promise.all([client.decide(), client.decide(), client.decide()]);
    expect(it.redis.server.requests).toHaveLength(6);
  });

  test("is not taken from a refresh that began longer ago than maxAgeMs", async () => {
    const it = await stand();
    const client = it.redisClient({ maxAgeMs: 100 });
    let release = () => {};
    it.redis.fault = (request, response) => {
      const values = ["enabled", "policy", "version"].map((key) => it.redis.keys.get(`tracing:${PROJECT}:${key}`));
      release = () => json({ result: values })(request, response);
    };
    const first = client.decide();
    await it.redis.server.seen(1);
    it.redis.fault = undefined;
    it.redis.publish(off({ version: 2 }));
    it.now += 100;
    expect(await client.isEnabled()).toBe(false);
    release();
    expect((await first).trace).toBe(false);
  });

  test("is fresh after ready(), so that peek answers by it", async () => {
    const it = await stand();
    it.redis.publish(off());
    const client = it.redisClient();
    await client.ready();
    expect(client.peek()).toMatchObject({ trace: false, reason: "disabled", source: "snapshot" });
    it.redis.publish(policy({ version: 2 }));
    it.now += 3_600_000;
    await client.ready();
    expect(client.peek()).toMatchObject({ trace: true, reason: "enabled", fetchedAt: START + 3_600_000 });
    await client.ready();
    expect(it.redis.server.requests).toHaveLength(3);
  });

  test("close to its end is refreshed by ready(): a peek just after it is not pending", async () => {
    const it = await stand();
    const client = it.redisClient({ timeoutMs: 200 });
    await client.ready();
    it.now = START + 799;
    await client.ready();
    expect(it.redis.server.requests).toHaveLength(1);
    it.redis.publish(off({ version: 2 }));
    it.now = START + 999;
    await client.ready();
    expect(client.peek()).toMatchObject({ trace: false, reason: "disabled", fetchedAt: START + 999 });
    it.redis.publish(policy({ version: 3 }));
    it.now += 800;
    client.peek(); // begins the refresh
    await client.ready(); // and this waits for that one
    expect(client.peek()).toMatchObject({ trace: true, version: 3, fetchedAt: START + 1_799 });
    expect(it.redis.commands()).toHaveLength(5); // a change takes two
    it.now += 999;
    expect(client.peek()).toMatchObject({ trace: true, source: "snapshot" });
  });

  test("works with a clock that starts at 0", async () => {
    const it = await stand();
    it.now = 0;
    it.redis.publish(off());
    const client = it.redisClient();
    expect(await client.decide()).toMatchObject({ trace: false, source: "redis", fetchedAt: 0 });
  });
});

describe("a process that stands still while it reads", () => {
  /** Answers as Redis would, but the process goes on only `ms` later, with the project switched off meanwhile. */
  async function standingStill(ms: number, times: number) {
    const it = await stand();
    const client = it.redisClient({ timeoutMs: 1_000 });
    await client.decide();
    it.now += 1_000;
    let left = times;
    it.redis.fault = (request, response) => {
      it.now += ms;
      if (--left === 0) {
        it.redis.fault = undefined;
        it.redis.publish(off({ version: 2 }));
      }
      json({ result: ["true", "1"] })(request, response);
    };
    return { it, client };
  }

  test("asks again, and does not trace by what it read before", async () => {
    const { it, client } = await standingStill(3_000, 1);
    expect(await client.decide()).toMatchObject({ trace: false, reason: "disabled", version: 2, source: "redis" });
    expect(it.redis.commands().slice(1)).toEqual([
      "MGET enabled version",
      "MGET enabled version",
      "MGET enabled policy version",
    ]);
  });

  test("each time does not trace either: pending", async () => {
    const { client } = await standingStill(3_000, 5);
    expect(await client.decide()).toMatchObject({ trace: false, reason: "pending" });
  });

  test("only for a moment goes by what it read", async () => {
    const { it, client } = await standingStill(900, 1);
    expect(await client.decide()).toMatchObject({ trace: true, source: "redis" });
    expect(it.redis.server.requests).toHaveLength(2);
  });
});

describe("many projects", () => {
  test("are answered by one client, each by its own policy", async () => {
    const it = await stand();
    it.redis.publish(off(), undefined, "other");
    const client = it.redisClient();
    expect(await client.isEnabled()).toBe(true);
    expect(await client.isEnabled({ projectId: "other" })).toBe(false);
    expect(client.peek({ projectId: "other" })).toMatchObject({ trace: false, reason: "disabled" });
    expect(client.peek()).toMatchObject({ trace: true });
  });

  test("are remembered up to maxProjects; the one unused for longest is asked for again", async () => {
    const it = await stand();
    for (const project of ["a", "b", "c"]) it.redis.publish(policy(), undefined, project);
    const client = it.redisClient({ projectId: undefined, maxProjects: 2, maxAgeMs: 1_000_000 });
    const ask = async (projectId: string) => {
      it.now += 1;
      return (await client.decide({ projectId })).source;
    };
    expect([await ask("a"), await ask("b"), await ask("a"), await ask("c")]).toEqual([
      "redis",
      "redis",
      "snapshot",
      "redis",
    ]);
    expect(await ask("a")).toBe("snapshot");
    expect(await ask("b")).toBe("redis");
    expect(client.stats().decisions).toBe(6);
  });

  test("never push out the one of the options", async () => {
    const it = await stand();
    const client = it.redisClient({ maxProjects: 1, maxAgeMs: 1_000_000 });
    await client.decide();
    for (const projectId of ["a", "b", "c"]) await client.decide({ projectId });
    expect(await client.decide()).toMatchObject({ source: "snapshot" });
  });

  test.each([
    ["", "empty"],
    ["\ud800", "half a character"],
    ["x".repeat(100_000), "far too long"],
  ])("with a name that cannot be one (%#) is unknown, and no endpoint is the worse for it", async (projectId) => {
    const it = await stand();
    it.api.fault = (request, response) =>
      request.url?.includes(PROJECT) ? json({}, 500)(request, response) : json({}, 404)(request, response);
    const client = it.client({ projectId: undefined });
    for (let i = 0; i < 5; i++) {
      for (const request of projectId ? [{ projectId }] : [{ projectId }, {}]) {
        expect(await client.decide(request)).toMatchObject({
          trace: true,
          reason: "unknown_project",
          source: "fallback",
        });
        client.peek(request);
        await client.ready(request);
      }
      it.now += 1_000;
    }
    expect(client.stats()).toMatchObject({ redis: { failures: 0 }, api: { failures: 0 } });
    expect(it.redis.server.requests.every(({ url = "" }) => url.length < 2_000)).toBe(true);
    expect(await client.decide({ projectId: PROJECT })).toMatchObject({ source: "redis" });
  });
});

describe("peek", () => {
  test("with nothing known yet answers by whenUnavailable, reason pending, and starts a refresh", async () => {
    const it = await stand();
    it.redis.publish(off());
    expect(it.redisClient({ whenUnavailable: "skip" }).peek()).toMatchObject({ trace: false, reason: "pending" });
    const client = it.redisClient();
    expect(client.peek()).toMatchObject({ trace: true, reason: "pending", version: null, fetchedAt: null });
    await it.idle();
    expect(client.peek()).toMatchObject({ trace: false, reason: "disabled" });
  });

  test("a thousand times starts one refresh", async () => {
    const it = await stand();
    for (const maxAgeMs of [1_000, 0]) {
      const client = it.redisClient({ maxAgeMs });
      for (let i = 0; i < 1_000; i++) client.peek();
      await it.idle();
    }
    expect(it.redis.server.requests).toHaveLength(2);
  });

  test("from an old snapshot that says on: skip, pending", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.ready();
    it.now += 1_000;
    expect(client.peek()).toMatchObject({ trace: false, reason: "pending", version: 1 });
    await it.idle();
    expect(client.peek()).toMatchObject({ trace: true, reason: "enabled", fetchedAt: START + 1_000 });
  });

  test("from an old snapshot that says skip, to this user or to all: that", async () => {
    const it = await stand();
    it.redis.publish(policy({ overrides: { never: [false, null] } }));
    const client = it.redisClient();
    await client.ready();
    it.now += 3_600_000;
    expect(client.peek({ userId: "never" })).toMatchObject({ trace: false, reason: "user_override" });
    it.redis.publish(off({ version: 2 }));
    await it.idle();
    it.now += 3_600_000;
    expect(client.peek()).toMatchObject({ trace: false, reason: "disabled" });
  });

  test("traces from an old snapshot when a refresh that began less than 30 s ago failed, and counts that", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.ready();
    it.redis.fault = json({}, 500);
    it.now += 1_000;
    expect(client.peek()).toMatchObject({ trace: false, reason: "pending" });
    await it.idle();
    expect(client.peek()).toMatchObject({ trace: true, reason: "enabled", source: "fallback", fetchedAt: START });
    expect(client.stats()).toMatchObject({ fallbacks: 1, decisions: 2 });
    await it.idle();
    await client.ready(); // the third failure in a row: nobody is asked any more
    it.now += 29_999;
    expect(client.peek()).toMatchObject({ trace: true, source: "fallback" });
    await it.idle();
    expect(client.peek()).toMatchObject({ trace: true });
    it.now += 30_000;
    expect(client.peek()).toMatchObject({ trace: false, reason: "pending" });
  });

  test("does not trace because of a failure that the clock has not reached any more", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.ready();
    it.redis.fault = json({}, 500);
    it.now += 2_000;
    await client.ready();
    it.now -= 100_000;
    expect(client.peek()).toMatchObject({ trace: false, reason: "pending" });
  });

  test("does not trace from an old snapshot while a probe is only on its way", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.ready();
    it.redis.fault = json({}, 500);
    it.now += 1_000;
    for (let i = 0; i < 3; i++) await client.ready();
    it.now += 40_000; // a frozen process: the snapshot is younger than 60 s, the failures are older than 30 s
    let release = () => {};
    it.redis.fault = (request, response) => {
      release = () => json({}, 500)(request, response);
    };
    expect(client.peek()).toMatchObject({ trace: false, reason: "pending" });
    await it.redis.server.seen(5);
    expect(client.peek()).toMatchObject({ trace: false, reason: "pending" });
    release();
    await it.idle();
    expect(client.peek()).toMatchObject({ trace: true, source: "fallback" });
  });
});
