import { describe, expect, test, vi } from "vitest";
import { faults, json } from "../faults/fault-server.ts";
import { off, PROJECT, policy, START, stand } from "./stand.ts";

describe("the log", () => {
  test("tells every change of state once, with version and reason", async () => {
    const it = await stand();
    const client = it.redisClient();
    const ask = async () => {
      await client.decide();
      await client.decide();
      it.now += 1_000;
    };
    await ask();
    await ask();
    it.redis.publish(off({ version: 2 }));
    await ask();
    await ask();
    it.redis.publish(off({ version: 3, reason: "budget" }));
    await ask();
    it.redis.publish(policy({ version: 4 }), "false");
    await ask();
    it.redis.publish(policy({ version: 4, transitions: [[START, false, "schedule"]] }));
    await ask();
    expect(it.logged).toEqual([
      `info: tracing-toggle: project ${PROJECT}: tracing enabled (enabled, version 1)`,
      `info: tracing-toggle: project ${PROJECT}: tracing disabled (disabled, version 2)`,
      `info: tracing-toggle: project ${PROJECT}: tracing disabled (budget, version 3)`,
      `info: tracing-toggle: project ${PROJECT}: tracing disabled (break_glass, version 4)`,
      `info: tracing-toggle: project ${PROJECT}: tracing enabled (enabled, version 4)`,
    ]);
  });

  test("says once that nobody answers and tracing defaults to enabled, and once that it is known again", async () => {
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
      `warn: tracing-toggle: project ${PROJECT}: Redis: HTTP 500; the API: HTTP 503; defaulting to enabled`,
    ]);
    it.redis.fault = undefined;
    it.now += 60_000;
    await client.decide();
    expect(it.logged.slice(1)).toEqual([
      `info: tracing-toggle: project ${PROJECT}: tracing enabled (enabled, version 1)`,
    ]);
    it.redis.fault = faults.serverError;
    for (let i = 0; i < 3; i++) {
      it.now += 1_000;
      await client.decide();
    }
    expect(it.logged.slice(2)).toEqual([
      `warn: tracing-toggle: project ${PROJECT}: Redis: HTTP 500; the API: HTTP 503; keeping the last known policy (tracing enabled, version 1)`,
    ]);
  });

  test("says what applies instead: skip, the last known, a break-glass", async () => {
    const it = await stand();
    it.redis.fault = faults.serverError;
    await it.redisClient({ whenUnavailable: "skip" }).decide();
    expect(it.logged.at(-1)).toMatch(/defaulting to disabled$/);
    it.redis.fault = undefined;
    it.redis.publish(policy(), "false");
    const client = it.redisClient();
    await client.decide();
    it.redis.fault = faults.serverError;
    it.now += 1_000;
    await client.decide();
    expect(it.logged.at(-1)).toMatch(/tracing stays disabled \(break_glass\)$/);
  });

  test("says when a project's own choice for a silence takes over", async () => {
    const it = await stand();
    it.redis.publish(off({ when_unavailable: "trace" }));
    const client = it.redisClient();
    await client.decide();
    it.redis.fault = faults.serverError;
    it.now += 1_000;
    await client.decide();
    expect(it.logged.at(-1)).toMatch(/keeping the last known policy \(tracing disabled, version 1\)$/);
    it.now += 301_000;
    await client.decide();
    expect(it.logged.at(-1)).toMatch(/defaulting to enabled$/);
  });

  test("says that a project is unknown", async () => {
    const it = await stand();
    it.api.fault = json({}, 404);
    const client = it.apiClient();
    await client.decide();
    await client.decide();
    expect(it.logged).toEqual([
      `warn: tracing-toggle: project ${PROJECT}: the API does not know the project; defaulting to enabled`,
    ]);
  });

  test("tells of each project by itself", async () => {
    const it = await stand();
    it.redis.publish(off(), undefined, "other");
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
    const client = it.redisClient({ logger: { info: fail, warn: fail } });
    expect(await client.decide()).toMatchObject({ trace: true, source: "redis" });
    it.redis.fault = faults.serverError;
    it.now += 1_000;
    expect(await client.decide()).toMatchObject({ trace: true, source: "fallback" });
    expect(await client.decide({ projectId: "\ud800" })).toMatchObject({ reason: "unknown_project" });
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
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    await it.redisClient({ logger: undefined }).decide();
    expect(info).toHaveBeenCalledWith(`tracing-toggle: project ${PROJECT}: tracing enabled (enabled, version 1)`);
    info.mockRestore();
  });
});
