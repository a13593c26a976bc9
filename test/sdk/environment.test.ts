import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { faults } from "../faults/fault-server.ts";
import { off, PROJECT, stand } from "./stand.ts";

let isTracingEnabledForProject: (projectId: string) => Promise<boolean>;

describe("isTracingEnabledForProject", () => {
  beforeEach(async () => {
    for (const name of ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "TRACING_TOGGLE_API_URL"])
      vi.stubEnv(name, "");
    vi.resetModules();
    ({ isTracingEnabledForProject } = await import("../../sdk/src/index.ts"));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test("answers by the environment's Redis, for any project", async () => {
    vi.spyOn(console, "info").mockImplementation(() => {});
    const it = await stand();
    it.redis.publish(off(), undefined, "other");
    vi.stubEnv("UPSTASH_REDIS_REST_URL", it.redis.url);
    vi.stubEnv("UPSTASH_REDIS_REST_TOKEN", it.redis.token);
    expect(await isTracingEnabledForProject(PROJECT)).toBe(true);
    expect(await isTracingEnabledForProject("other")).toBe(false);
  });

  test("is true when Redis is away, and says so once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const it = await stand();
    it.redis.fault = faults.serverError;
    vi.stubEnv("UPSTASH_REDIS_REST_URL", it.redis.url);
    vi.stubEnv("UPSTASH_REDIS_REST_TOKEN", it.redis.token);
    for (let i = 0; i < 5; i++) expect(await isTracingEnabledForProject(PROJECT)).toBe(true);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/defaulting to enabled \(unavailable\)$/)]]);
  });

  test("is true in an environment without settings, and says so once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    for (let i = 0; i < 3; i++) expect(await isTracingEnabledForProject(PROJECT)).toBe(true);
    expect(warn.mock.calls).toEqual([["tracing-toggle: redis or api must be given; defaulting to enabled"]]);
  });
});
