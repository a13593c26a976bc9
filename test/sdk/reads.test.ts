import { describe, expect, test } from "vitest";
import { json } from "../faults/fault-server.ts";
import { off, PROJECT, policy, START, stand } from "./stand.ts";

const ALL = "MGET enabled policy version";
const STATE = "MGET enabled version";

describe("what is asked of Redis", () => {
  test("is one MGET of the project's three keys, as one GET request with the token", async () => {
    const it = await stand();
    await it.redisClient().decide();
    const [request, ...others] = it.redis.server.requests;
    expect(others).toEqual([]);
    expect(request?.method).toBe("GET");
    expect(decodeURIComponent(request?.url ?? "")).toBe(
      `/mget/tracing:${PROJECT}:enabled/tracing:${PROJECT}:policy/tracing:${PROJECT}:version`,
    );
    expect(request?.headers.authorization).toBe(`Bearer ${it.redis.token}`);
  });

  test("is, while a document is held, whether its version still stands", async () => {
    const it = await stand();
    const client = it.redisClient();
    for (let i = 0; i < 3; i++) {
      await client.decide();
      it.now += 1_000;
    }
    expect(it.redis.commands()).toEqual([ALL, STATE, STATE]);
  });

  test("is everything again when the version changed", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(off({ version: 2 }));
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, version: 2, source: "redis" });
    it.now += 1_000;
    await client.decide();
    expect(it.redis.commands()).toEqual([ALL, STATE, ALL, STATE]);
  });

  test("is everything again when the version is missing", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.decide();
    it.redis.keys.delete(`tracing:${PROJECT}:version`);
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: true, source: "redis" });
    expect(it.redis.commands()).toEqual([ALL, STATE, ALL]);
  });

  test("is everything when the document held is past its limit", async () => {
    const it = await stand();
    it.redis.publish(policy({ until: START + 1_000 }));
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(policy({ until: START + 90_000 }));
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ source: "redis" });
    it.now += 1_000;
    await client.decide();
    expect(it.redis.commands()).toEqual([ALL, ALL, STATE]);
  });

  test("of a project named in capitals is the keys in lower case", async () => {
    const it = await stand();
    const client = it.redisClient({ projectId: PROJECT.toUpperCase() });
    expect(await client.decide()).toMatchObject({ source: "redis" });
    expect(await client.decide({ projectId: PROJECT })).toMatchObject({ source: "snapshot" });
    expect(it.redis.server.requests).toHaveLength(1);
  });

  test("of a project with an odd name stays within its keys and path", async () => {
    const it = await stand();
    const client = it.client();
    await client.decide({ projectId: "a/b?c#d e:é\u0000" });
    expect(it.redis.server.requests[0]?.url?.split("/").slice(1).map(decodeURIComponent)).toEqual([
      "mget",
      "tracing:a/b?c#d e:é\u0000:enabled",
      "tracing:a/b?c#d e:é\u0000:policy",
      "tracing:a/b?c#d e:é\u0000:version",
    ]);
    expect(it.api.server.requests[0]?.url).toBe("/api/v1/projects/a%2Fb%3Fc%23d%20e%3A%C3%A9%00/tracing");
  });
});

describe("what is asked of the API", () => {
  test.each(["", "/", "//"])("is the same with %j at the end of its URL", async (end) => {
    const it = await stand();
    const client = it.apiClient({ api: { url: it.api.url + end, key: it.api.key } });
    expect(await client.decide()).toMatchObject({ source: "api", trace: true });
    const [request] = it.api.server.requests;
    expect(request?.url).toBe(`/api/v1/projects/${PROJECT}/tracing`);
    expect(request?.headers.authorization).toBe(`Bearer ${it.api.key}`);
  });

  test("is nothing while Redis tells the policy", async () => {
    const it = await stand();
    const client = it.client();
    await client.decide();
    expect(it.api.server.requests).toHaveLength(0);
  });

  test("about a deleted project (410) means off", async () => {
    const it = await stand();
    it.redis.publish(undefined);
    it.api.fault = json({ code: "gone" }, 410);
    const client = it.client();
    expect(await client.decide()).toMatchObject({ trace: false, reason: "deleted", source: "api" });
    it.api.fault = json({}, 500);
    it.now += 400_000;
    expect(await client.decide()).toMatchObject({ trace: false, reason: "deleted" });
  });

  test("about a project it does not know (404) is asked again after 60 s, not before", async () => {
    const it = await stand();
    it.redis.publish(undefined);
    it.api.fault = json({ code: "not_found" }, 404);
    const client = it.client();
    expect(await client.decide()).toMatchObject({ trace: true, reason: "unknown_project", source: "fallback" });
    it.now += 59_000;
    expect(await client.decide()).toMatchObject({ trace: true, reason: "unknown_project" });
    expect(it.api.server.requests).toHaveLength(1);
    it.now += 1_000;
    it.api.fault = undefined;
    it.api.document = off({ version: 3 });
    expect(await client.decide()).toMatchObject({ trace: false, reason: "disabled", source: "api" });
    expect(it.api.server.requests).toHaveLength(2);
  });

  test("about a project it does not know costs no request of an endpoint, and says nothing of its health", async () => {
    const it = await stand();
    it.api.fault = (request, response) => {
      const unknown = request.url?.includes("unknown");
      json({}, unknown ? 404 : 500)(request, response);
    };
    const client = it.apiClient();
    await client.decide({ projectId: "unknown" });
    for (let i = 0; i < 3; i++) {
      await client.decide();
      it.now += 1;
      await client.decide({ projectId: "unknown" });
    }
    expect(client.stats().api).toEqual({ requests: 4, failures: 3 });
    await client.decide();
    expect(it.api.server.requests).toHaveLength(4);
  });

  test("about an unknown project gives the reason also after it had failed", async () => {
    const it = await stand();
    it.api.fault = json({}, 500);
    const client = it.apiClient({ whenUnavailable: "skip" });
    expect(await client.decide()).toMatchObject({ trace: false, reason: "unavailable" });
    it.api.fault = json({}, 404);
    expect(await client.decide()).toMatchObject({ trace: false, reason: "unknown_project" });
  });
});

describe("versions", () => {
  test("never go back: an older document is discarded", async () => {
    const it = await stand();
    it.redis.publish(policy({ version: 5, sample_rate: 0 }));
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(policy({ version: 4 }));
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ version: 5, reason: "not_sampled", source: "redis" });
  });

  test("of an older document that says off do not bring it back either, but a false beside it counts", async () => {
    const it = await stand();
    it.redis.publish(policy({ version: 5 }));
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(off({ version: 4 }), "x");
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: true, version: 5 });
    it.redis.publish(off({ version: 4 }), "false");
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, reason: "break_glass", version: 5 });
  });

  test("of an older document from the API are discarded, too", async () => {
    const it = await stand();
    it.redis.publish(off({ version: 5 }));
    const client = it.client();
    await client.decide();
    it.redis.fault = json({}, 500);
    it.api.document = policy({ version: 4 });
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, version: 5, source: "api" });
  });

  test("that are equal bring the newer writing of the document", async () => {
    const it = await stand();
    it.redis.publish(policy({ until: START + 1_000 }));
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(policy({ transitions: [[START + 1_500, false, "schedule"]] }));
    it.now += 1_000;
    await client.decide();
    it.now += 500;
    expect(await client.decide()).toMatchObject({ trace: false, reason: "schedule" });
  });
});

describe("off means off", () => {
  test("from the next read after the switch, when the key still says true", async () => {
    const it = await stand();
    const client = it.redisClient();
    expect(await client.isEnabled()).toBe(true);
    it.redis.publish(off({ version: 2 }), "true");
    it.now += 1_000;
    expect(await client.isEnabled()).toBe(false);
  });

  test.each([301_000, 86_400_000, 604_800_000])(
    "after %d ms without a change, when only the document is left",
    async (idle) => {
      const it = await stand();
      it.redis.publish(off({ version: 2 }));
      const client = it.redisClient();
      expect(await client.isEnabled()).toBe(false);
      it.redis.keys.delete(`tracing:${PROJECT}:enabled`);
      it.now += idle;
      expect(await client.isEnabled()).toBe(false);
      expect(await it.redisClient().isEnabled()).toBe(false);
    },
  );

  test("with a false and no document, also when a document was held that says on", async () => {
    const it = await stand();
    it.redis.publish(policy({ version: 2 }));
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(undefined, "false");
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, reason: "break_glass" });
  });

  test("with a false and no document, judged by the document held: a user's always counts when that says off", async () => {
    const it = await stand();
    it.redis.publish(off({ version: 2, overrides: { always: [true, null] } }));
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(undefined, "false");
    it.now += 1_000;
    expect(await client.decide({ userId: "always" })).toMatchObject({ trace: true, reason: "user_override" });
    expect(await client.decide({ userId: "u" })).toMatchObject({ trace: false, reason: "disabled" });
  });

  test("under a break-glass, until a read without it", async () => {
    const it = await stand();
    const client = it.redisClient();
    await client.decide();
    it.redis.publish(policy(), "false");
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, reason: "break_glass" });
    it.redis.fault = json({}, 500);
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: false, reason: "break_glass", source: "fallback" });
    it.now += 100_000_000;
    expect(await client.decide()).toMatchObject({ trace: false, reason: "break_glass" });
    expect(client.peek()).toMatchObject({ trace: false, reason: "break_glass" });
    it.redis.fault = undefined;
    it.redis.publish(policy());
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: true, reason: "enabled", source: "redis" });
  });

  test("under a break-glass that the API is not asked about", async () => {
    const it = await stand();
    it.redis.publish(policy(), "false");
    const client = it.client();
    expect(await client.decide()).toMatchObject({ trace: false, reason: "break_glass", source: "redis" });
    expect(it.api.server.requests).toHaveLength(0);
  });

  test("after the clock was set back an hour", async () => {
    const it = await stand();
    const client = it.redisClient();
    expect(await client.isEnabled()).toBe(true);
    it.redis.publish(off({ version: 2 }));
    it.now -= 3_600_000;
    expect(client.peek().trace).toBe(false);
    expect(await client.decide()).toMatchObject({ trace: false, version: 2, source: "redis" });
    expect(client.peek()).toMatchObject({ trace: false, version: 2 });
    it.redis.publish(policy({ version: 3 }));
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: true, version: 3 });
  });

  test("by the read that began last, whichever answer comes last", async () => {
    const it = await stand();
    const client = it.redisClient({ maxAgeMs: 0 });
    await client.decide();
    const held: (() => void)[] = [];
    it.redis.fault = (request, response) => {
      const result = it.redis.keys.get(`tracing:${PROJECT}:enabled`);
      held.push(() => json({ result: [result, "1"] })(request, response));
    };
    const older = client.decide();
    await it.redis.server.seen(2);
    it.redis.publish(policy(), "false");
    const newer = client.decide();
    await it.redis.server.seen(3);
    held[1]?.();
    expect(await newer).toMatchObject({ trace: false, reason: "break_glass" });
    held[0]?.();
    expect(await older).toMatchObject({ trace: false, reason: "break_glass" });
  });
});
