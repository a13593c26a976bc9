import { describe, expect, test, vi } from "vitest";
import { faults, json } from "../faults/fault-server.ts";
import { off, PROJECT, policy, stand } from "./stand.ts";

describe("the log", () => {
  test("says nothing as long as the policy is told, whatever it says", async () => {
    const it = await stand();
    const client = it.redisClient();
    for (const document of [policy(), off({ version: 2 }), off({ version: 3, reason: "budget" })]) {
      it.redis.publish(document);
      await client.decide();
      it.now += 1_000;
    }
    expect(it.logged).toEqual([]);
  });

  test("says once that nobody answers and tracing defaults to enabled, and again when it happens again", async () => {
    const it = await stand();
    it.redis.fault = faults.serverError;
    it.api.fault = faults.unavailable;
    const client = it.client();
    for (let i = 0; i < 50; i++) {
      await client.decide();
      client.peek();
      it.now += 1_000;
    }
    expect(it.logged).toEqual([
      `tracing-toggle: project ${PROJECT}: redis: HTTP 500; api: HTTP 503 unavailable; defaulting to enabled (unavailable)`,
    ]);
    it.redis.fault = undefined;
    it.now += 60_000;
    await client.decide();
    it.redis.fault = faults.serverError;
    for (let i = 0; i < 3; i++) {
      it.now += 1_000;
      await client.decide();
    }
    expect(it.logged.slice(1)).toEqual([
      `tracing-toggle: project ${PROJECT}: redis: HTTP 500; api: HTTP 503 unavailable; defaulting to enabled (enabled)`,
    ]);
  });

  test("says what applies instead: skip, the last known, a break-glass", async () => {
    const it = await stand();
    it.redis.fault = faults.serverError;
    await it.redisClient({ whenUnavailable: "skip" }).decide();
    expect(it.logged.at(-1)).toMatch(/defaulting to disabled \(unavailable\)$/);
    for (const [document, enabled, reason] of [
      [policy(), "false", "break_glass"],
      [off(), undefined, "disabled"],
      [off({ reason: "locked" }), undefined, "locked"],
    ] as const) {
      it.redis.fault = undefined;
      it.redis.publish(document, enabled);
      const client = it.redisClient();
      await client.decide();
      it.redis.fault = faults.serverError;
      it.now += 1_000;
      await client.decide();
      expect(it.logged.at(-1)).toMatch(`redis: HTTP 500; defaulting to disabled (${reason})`);
    }
  });

  test("says when a project's own choice for a silence takes over", async () => {
    const it = await stand();
    it.redis.publish(off({ when_unavailable: "trace" }));
    const client = it.redisClient();
    await client.decide();
    it.redis.fault = faults.serverError;
    it.now += 1_000;
    await client.decide();
    expect(it.logged.at(-1)).toMatch(/defaulting to disabled \(disabled\)$/);
    it.now += 301_000;
    await client.decide();
    expect(it.logged.at(-1)).toMatch(/defaulting to enabled \(unavailable\)$/);
  });

  test("says that a project is unknown", async () => {
    const it = await stand();
    it.api.fault = json({}, 404);
    const client = it.apiClient();
    await client.decide();
    await client.decide();
    expect(it.logged).toEqual([`tracing-toggle: project ${PROJECT}: defaulting to enabled (unknown_project)`]);
  });

  test("tells of each project by itself", async () => {
    const it = await stand();
    it.redis.fault = faults.serverError;
    const client = it.redisClient();
    for (const projectId of [undefined, "other", undefined, "other"]) await client.decide({ projectId });
    expect(it.logged).toHaveLength(2);
  });

  test("has neither secrets nor pieces of the answers", async () => {
    const it = await stand();
    const body = `{"result":["true","{\\"overrides\\":{\\"jane@example.com\\"`;
    const broken = (_: unknown, response: { end(body: string): unknown }) => response.end(body);
    it.redis.fault = broken;
    it.api.fault = broken;
    await it.client().decide();
    expect(it.logged).toHaveLength(1);
    expect(it.logged[0]).not.toMatch(/jane|overrides|redis-token|api-key/);
  });
});

describe("a logger", () => {
  test.each([
    [
      "throws",
      () => {
        throw new Error("disk full");
      },
    ],
    ["rejects", () => Promise.reject(new Error("disk full"))],
  ])("that %s does not hurt the request", async (_name, fail) => {
    const it = await stand();
    const client = it.redisClient({ logger: { warn: fail } });
    expect(await client.decide()).toMatchObject({ trace: true, source: "redis" });
    it.redis.fault = faults.serverError;
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: true, source: "fallback" });
    await new Promise(setImmediate); // an unhandled rejection would be reported by now
  });

  test("that is null is not called, and the off branch runs without one", async () => {
    const it = await stand();
    const spies = (["info", "warn", "log", "error"] as const).map((level) => vi.spyOn(console, level));
    it.redis.publish(off());
    const client = it.redisClient({ logger: null });
    expect(await client.isEnabled()).toBe(false);
    it.redis.fault = faults.serverError;
    it.now += 1_000;
    expect(await client.isEnabled()).toBe(false);
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  test("by default is the console", async () => {
    const it = await stand();
    it.redis.fault = faults.serverError;
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await it.redisClient({ logger: undefined }).decide();
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^tracing-toggle: project .*defaulting to enabled/));
    warn.mockRestore();
  });
});
