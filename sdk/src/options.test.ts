import { afterEach, describe, expect, test, vi } from "vitest";
import { createTracingToggle, type TracingToggleOptions } from "./index.ts";
import { normalizeOptions } from "./options.ts";

const redis = { url: "https://eu1-example.upstash.io", token: "t" };
const api = { url: "https://toggle.example.com", key: "k" };

afterEach(() => vi.unstubAllEnvs());

describe("a wrong option is named by the TypeError", () => {
  const wrong: [name: string, options: unknown][] = [
    ["redis or api", null],
    ["redis or api", "https://eu1-example.upstash.io"],
    ["redis or api", {}],
    ["redis or api", { redis: null, api: null }],
    ["redis", { redis: "https://eu1-example.upstash.io" }],
    ["redis", { redis: 7 }],
    ["redis", { redis: {} }],
    ["redis", { redis: [] }],
    ["redis", { redis: { ...redis, url: "" } }],
    ["redis", { redis: { ...redis, url: "eu1-example.upstash.io" } }],
    ["redis", { redis: { ...redis, url: "redis://eu1-example.upstash.io:6379" } }],
    ["redis", { redis: { ...redis, url: "https://" } }],
    ["redis", { redis: { ...redis, url: "https://a b" } }],
    ["redis", { redis: { ...redis, url: "https://default:secret@eu1-example.upstash.io" } }],
    ["redis", { redis: { url: redis.url } }],
    ["redis", { redis: { ...redis, token: "" } }],
    ["redis", { redis: { ...redis, token: "  " } }],
    ["redis", { redis: { ...redis, token: "se\ncret" } }],
    ["redis", { redis: { ...redis, token: "secret\n" } }],
    ["redis", { redis: { ...redis, token: "secret…" } }],
    ["api", { api: "https://toggle.example.com" }],
    ["api", { api: { ...api, url: "ftp://toggle.example.com" } }],
    ["api", { api: { url: api.url } }],
    ["projectId", { redis, projectId: 7 }],
    ["maxAgeMs", { redis, maxAgeMs: -1 }],
    ["maxAgeMs", { redis, maxAgeMs: Number.NaN }],
    ["maxAgeMs", { redis, maxAgeMs: "1000" }],
    ["maxAgeMs", { redis, maxAgeMs: Number.POSITIVE_INFINITY }],
    ["timeoutMs", { redis, timeoutMs: 0 }],
    ["timeoutMs", { redis, timeoutMs: 2 ** 31 }],
    ["timeoutMs", { redis, timeoutMs: Number.POSITIVE_INFINITY }],
    ["maxProjects", { redis, maxProjects: 0 }],
    ["whenUnavailable", { redis, whenUnavailable: "last_known" }],
    ["whenUnavailable", { redis, whenUnavailable: true }],
    ["logger", { redis, logger: "console" }],
    ["onFallback", { redis, onFallback: true }],
    ["fetch", { redis, fetch: "node-fetch" }],
    ["now", { redis, now: 1_764_000_000_000 }],
    ["waitUntil", { redis, waitUntil: {} }],
  ];

  test.each(wrong)("%s (%#)", (name, options) => {
    const make = () => createTracingToggle(options as TracingToggleOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`tracing-toggle: ${name} must be `);
    expect(make).not.toThrow(/secret|se\ncret/);
  });

  test.each([
    ["redis", { UPSTASH_REDIS_REST_TOKEN: "t" }],
    ["redis", { UPSTASH_REDIS_REST_URL: redis.url }],
    ["redis", { UPSTASH_REDIS_REST_URL: "eu1", UPSTASH_REDIS_REST_TOKEN: "t" }],
    ["api", { TRACING_TOGGLE_API_URL: api.url }],
  ])("%s, when it comes from the environment (%#)", (name, variables) => {
    for (const [variable, value] of Object.entries(variables)) vi.stubEnv(variable, value);
    expect(() => createTracingToggle()).toThrow(new RegExp(`^tracing-toggle: ${name} must be `));
  });
});

describe("options", () => {
  test("have defaults", () => {
    expect(normalizeOptions({ redis })).toMatchObject({
      projectId: "",
      api: undefined,
      maxAgeMs: 1_000,
      timeoutMs: 200,
      maxProjects: 1_000,
      whenUnavailable: "trace",
      logger: console,
      now: Date.now,
      shared: true,
    });
  });

  test("may all come from the environment", () => {
    vi.stubEnv("UPSTASH_REDIS_REST_URL", redis.url);
    vi.stubEnv("UPSTASH_REDIS_REST_TOKEN", redis.token);
    vi.stubEnv("TRACING_TOGGLE_API_URL", api.url);
    vi.stubEnv("TRACING_TOGGLE_API_KEY", api.key);
    vi.stubEnv("TRACING_TOGGLE_PROJECT_ID", "P");
    const addresses = { redis: { url: redis.url, secret: "t" }, api: { url: api.url, secret: "k" } };
    expect(normalizeOptions()).toMatchObject({ ...addresses, projectId: "p" });
    expect(normalizeOptions({ redis: null, projectId: "q" })).toMatchObject({
      redis: undefined,
      api: addresses.api,
      projectId: "q",
    });
  });

  test("in the environment that are empty are absent", () => {
    for (const variable of ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "TRACING_TOGGLE_PROJECT_ID"]) {
      vi.stubEnv(variable, "");
    }
    expect(normalizeOptions({ api })).toMatchObject({ redis: undefined, projectId: "" });
  });

  test("take a URL as it is pasted: slashes at its end go", () => {
    expect(normalizeOptions({ redis: { url: `${redis.url}//`, token: "t" } }).redis).toEqual({
      url: redis.url,
      secret: "t",
    });
  });

  test("take a client with mget as it is, also one whose methods are inherited", () => {
    class Client {
      async mget() {
        return [];
      }
    }
    const client = new Client();
    expect(normalizeOptions({ redis: client }).redis).toBe(client);
  });
});
