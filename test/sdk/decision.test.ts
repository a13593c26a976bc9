import { describe, expect, test } from "vitest";
import { json } from "../faults/fault-server.ts";
import { off, PROJECT, policy, START, stand } from "./stand.ts";

const overrides = { always: [true, null], never: [false, null] };

describe("an agent asks whether to trace", () => {
  test("and the project is on", async () => {
    const it = await stand();
    const client = it.client();
    expect(await client.isEnabled()).toBe(true);
    expect(await client.decide({ userId: "u" })).toEqual({
      trace: true,
      reason: "enabled",
      capture: "full",
      sampleRate: 1,
      version: 1,
      source: "snapshot",
      fetchedAt: START,
    });
  });

  test("and the project is off", async () => {
    const it = await stand();
    it.redis.publish(off({ version: 5, overrides }));
    const client = it.client();
    expect(await client.decide({ userId: "u" })).toMatchObject({
      trace: false,
      reason: "disabled",
      version: 5,
      source: "redis",
    });
    expect(await client.isEnabled()).toBe(false);
    expect(await client.isEnabled({ userId: "always" })).toBe(true);
  });

  test("and half of the users are sampled", async () => {
    const it = await stand();
    it.redis.publish(policy({ sample_rate: 0.5, capture: "metadata" }));
    const client = it.client();
    const decisions = await Promise.all(Array.from({ length: 100 }, (_, i) => client.decide({ userId: `user-${i}` })));
    expect(new Set(decisions.map(({ reason }) => reason))).toEqual(new Set(["sampled", "not_sampled"]));
    for (const decision of decisions) {
      expect(decision).toMatchObject({ trace: decision.reason === "sampled", sampleRate: 0.5, capture: "metadata" });
    }
    const again = await Promise.all(Array.from({ length: 100 }, (_, i) => client.decide({ userId: `user-${i}` })));
    expect(again.map(({ trace }) => trace)).toEqual(decisions.map(({ trace }) => trace));
  });

  test("and the users sampled are those that the published rule gives in any language", async () => {
    const it = await stand();
    it.redis.publish(policy({ sample_rate: 0.3 }));
    const client = it.client();
    const users = Array.from({ length: 20 }, (_, i) => `user-${i}`);
    const sampledOf = async (projectId: string) => {
      const traced = await Promise.all(users.map((userId) => client.isEnabled({ projectId, userId })));
      return users.filter((_, i) => traced[i]);
    };
    // By an implementation that is not ours: hash(user, hash(project, 0)) < ceil(0.3 * 2^32)
    expect(await sampledOf(PROJECT)).toEqual(["user-1", "user-5", "user-8", "user-15", "user-18"]);
    expect(await sampledOf(PROJECT.toUpperCase())).toEqual(["user-1", "user-5", "user-8", "user-15", "user-18"]);
  });

  test("and a schedule turns the project off at a moment, without another read", async () => {
    const it = await stand();
    it.redis.publish(
      policy({
        transitions: [
          [START + 500, false, "schedule"],
          [START + 700, true, "enabled"],
        ],
      }),
    );
    const client = it.redisClient({ maxAgeMs: 100_000 });
    expect(await client.decide()).toMatchObject({ trace: true, reason: "enabled" });
    it.now = START + 499;
    expect(await client.decide()).toMatchObject({ trace: true });
    it.now = START + 500;
    expect(await client.decide()).toMatchObject({ trace: false, reason: "schedule" });
    expect(client.peek()).toMatchObject({ trace: false, reason: "schedule" });
    it.now = START + 700;
    expect(await client.decide()).toMatchObject({ trace: true, reason: "enabled" });
    expect(it.redis.server.requests).toHaveLength(1);
  });

  test("and the clock is set back over such a moment", async () => {
    const it = await stand();
    it.redis.publish(policy({ transitions: [[START + 500, false, "schedule"]] }));
    const client = it.redisClient({ maxAgeMs: 100_000 });
    await client.decide();
    it.now = START + 500;
    expect(client.peek()).toMatchObject({ trace: false, reason: "schedule" });
    it.now = START + 499;
    expect(client.peek()).toMatchObject({ trace: true, reason: "enabled" });
  });

  test("and is given decisions that it cannot change for others", async () => {
    const it = await stand();
    const client = it.client();
    for (const decision of [await client.decide(), await client.decide(), client.peek()]) {
      expect(Object.isFrozen(decision)).toBe(true);
    }
  });

  test("with nothing, null, or nonsense for a request", async () => {
    const it = await stand();
    const client = it.client();
    for (const request of [undefined, null, {}, 7, "u", { userId: null }, { projectId: null }, { projectId: "" }]) {
      expect(await client.decide(request as never)).toMatchObject({ trace: true, reason: "enabled" });
      expect(client.peek(request as never)).toMatchObject({ trace: true, reason: "enabled" });
      await client.ready(request as never);
    }
  });
});

describe("the keys and the document mean together", () => {
  const soonOff = policy({ version: 3, transitions: [[START, false, "schedule"]] });
  const rows = [
    { enabled: "true", document: policy({ overrides }), u: "enabled", always: "user_override", never: "user_override" },
    {
      enabled: undefined,
      document: policy({ overrides }),
      u: "enabled",
      always: "user_override",
      never: "user_override",
    },
    { enabled: "junk", document: policy({ overrides }), u: "enabled", always: "user_override", never: "user_override" },
    { enabled: "true", document: off({ overrides }), u: "disabled", always: "user_override", never: "user_override" },
    {
      enabled: undefined,
      document: off({ overrides }),
      u: "disabled",
      always: "user_override",
      never: "user_override",
    },
    { enabled: "false", document: off({ overrides }), u: "disabled", always: "user_override", never: "user_override" },
    {
      enabled: "false",
      document: { ...soonOff, overrides },
      u: "schedule",
      always: "user_override",
      never: "user_override",
    },
    {
      enabled: "false",
      document: policy({ overrides }),
      u: "break_glass",
      always: "break_glass",
      never: "break_glass",
    },
    { enabled: "false", document: undefined, u: "disabled", always: "disabled", never: "disabled" },
    { enabled: "false", document: { version: "rejected" }, u: "disabled", always: "disabled", never: "disabled" },
  ];

  test.each(rows)("enabled $enabled, document $document.reason: $u, always $always", async (row) => {
    const it = await stand();
    it.redis.publish(row.document, row.enabled ?? "x");
    if (row.enabled === undefined) it.redis.keys.delete(`tracing:${PROJECT}:enabled`);
    const client = it.client();
    const traced: Record<string, boolean> = { enabled: true, user_override: true };
    for (const decided of [await client.decide({ userId: "u" }), client.peek({ userId: "u" })]) {
      expect(decided).toMatchObject({ reason: row.u, trace: traced[row.u] ?? false });
    }
    expect(await client.decide({ userId: "always" })).toMatchObject({
      reason: row.always,
      trace: traced[row.always] ?? false,
    });
    expect(await client.decide({ userId: "never" })).toMatchObject({ reason: row.never, trace: false });
    expect(it.api.server.requests).toHaveLength(0);
  });

  test.each([
    { enabled: "true", document: undefined },
    { enabled: undefined, document: undefined },
    { enabled: "true", document: { version: "rejected" } },
    { enabled: undefined, document: { version: "rejected" } },
    { enabled: "true", document: policy({ until: START }) },
  ])("enabled $enabled, document $document: a miss, the API is asked", async ({ enabled, document }) => {
    const it = await stand();
    it.redis.publish(document, enabled ?? "x");
    if (enabled === undefined) it.redis.keys.delete(`tracing:${PROJECT}:enabled`);
    it.api.document = off({ version: 9, overrides });
    const client = it.client();
    expect(await client.decide({ userId: "u" })).toMatchObject({
      trace: false,
      reason: "disabled",
      version: 9,
      source: "api",
    });
    expect(await client.decide({ userId: "never" })).toMatchObject({ trace: false, reason: "user_override" });
    expect(it.api.server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET /api/v1/projects/${PROJECT}/tracing`,
    ]);
  });

  test("a miss without an API traces, as long as nothing was ever known", async () => {
    const it = await stand();
    it.redis.publish(undefined);
    const client = it.redisClient();
    expect(await client.decide()).toMatchObject({
      trace: true,
      reason: "unavailable",
      source: "fallback",
      version: null,
    });
  });

  test("a break-glass is seen through the API, too", async () => {
    const it = await stand();
    it.api.enabled = false;
    const client = it.apiClient();
    expect(await client.decide()).toMatchObject({ trace: false, reason: "break_glass", source: "api" });
  });

  test("a lock holds for a user who is always traced", async () => {
    const it = await stand();
    it.redis.publish(off({ reason: "locked", overrides }));
    expect(await it.client().decide({ userId: "always" })).toMatchObject({ trace: false, reason: "locked" });
  });
});

describe("a miss", () => {
  test("is filled by the API, and the next read finds the document in Redis", async () => {
    const it = await stand();
    it.redis.publish(undefined);
    it.api.document = policy({ version: 4 });
    it.api.fault = (request, response) => {
      it.redis.publish(it.api.document);
      json({ enabled: null, policy: it.api.document })(request, response);
    };
    const client = it.client();
    expect(await client.decide()).toMatchObject({ source: "api", version: 4 });
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ source: "redis", version: 4 });
    expect(it.api.server.requests).toHaveLength(1);
  });

  test("of a process that asks for the first time is waited for by every decision, not only by the first", async () => {
    const it = await stand();
    it.redis.publish(undefined);
    it.api.document = off({ version: 4 });
    let release = () => {};
    it.api.fault = (request, response) => {
      release = () => json({ enabled: null, policy: it.api.document })(request, response);
    };
    const client = it.client();
    const first = client.decide();
    await it.api.server.seen(1);
    const second = client.decide();
    expect(client.peek()).toMatchObject({ reason: "pending" });
    release();
    expect(await Promise.all([first, second])).toMatchObject([{ trace: false }, { trace: false }]);
  });

  test("after a flush of Redis keeps the project off for every decision, also while the API is asked", async () => {
    const it = await stand();
    const client = it.client();
    expect(await client.isEnabled()).toBe(true);
    it.redis.keys.clear();
    it.now += 3_600_000;
    let release = () => {};
    it.api.fault = (request, response) => {
      release = () => json({ enabled: false, policy: off({ version: 2 }) })(request, response);
    };
    const first = client.decide();
    await it.api.server.seen(1);
    const second = client.decide();
    expect(client.peek().trace).toBe(false);
    release();
    expect(await Promise.all([first, second])).toMatchObject([{ trace: false }, { trace: false }]);
  });
});
