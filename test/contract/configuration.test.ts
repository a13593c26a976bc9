import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { apiOf } from "../harness/api.ts";
import { captureLog } from "../harness/log.ts";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const log = captureLog();
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

/** The Worker's entry, as a new isolate loads it. */
async function answerOf(env: Record<string, string>): Promise<Response> {
  vi.resetModules();
  const { default: entry } = await import("../../worker/index.ts");
  const execution = { waitUntil() {}, passThroughOnException() {}, props: {} };
  return entry.fetch(new Request("http://localhost/healthz") as never, env, execution as never);
}

describe("a setting that is missing or wrong: every answer is a 503, and the log names it and the remedy", () => {
  const wrong: Record<string, [setting: Record<string, string>, log: RegExp]> = {
    "no DATABASE_URL": [{ DATABASE_URL: "" }, /DATABASE_URL is not set: npx wrangler secret put DATABASE_URL/],
    "no UPSTASH_REDIS_REST_URL": [{ UPSTASH_REDIS_REST_URL: "" }, /UPSTASH_REDIS_REST_URL is not set/],
    "no UPSTASH_REDIS_REST_TOKEN": [{ UPSTASH_REDIS_REST_TOKEN: "" }, /UPSTASH_REDIS_REST_TOKEN is not set/],
    "a lifetime of zero": [{ DISABLED_TTL_SECONDS: "0" }, /DISABLED_TTL_SECONDS must be a whole number of seconds/],
    "a lifetime in words": [{ ENABLED_TTL_SECONDS: "5m" }, /ENABLED_TTL_SECONDS must be a whole number of seconds/],
    "a CORS origin that is none": [{ CORS_ORIGINS: "https://ok.example, *" }, /CORS_ORIGINS must list origins/],
    "a CORS origin with a path": [{ CORS_ORIGINS: "https://ok.example/" }, /CORS_ORIGINS must list origins/],
    "Access without an audience": [{ ACCESS_TEAM_DOMAIN: "t.cloudflareaccess.com" }, /ACCESS_AUDIENCE must be, too/],
    "an Access domain without TLS": [
      { ACCESS_TEAM_DOMAIN: "http://t.cloudflareaccess.com", ACCESS_AUDIENCE: "x" },
      /ACCESS_TEAM_DOMAIN must be a domain/,
    ],
    "an Access scope that is none": [
      { ACCESS_TEAM_DOMAIN: "t.cloudflareaccess.com", ACCESS_AUDIENCE: "x", ACCESS_SCOPES: "root:a@b.example" },
      /ACCESS_SCOPES must list who may do what/,
    ],
    "a retention in words": [
      { EVENTS_RETENTION_DAYS: "a year" },
      /EVENTS_RETENTION_DAYS must be a whole number of days/,
    ],
    "a database URL that is none": [{ DATABASE_URL: "hush" }, /DATABASE_URL is not a Postgres URL/],
    "a database URL without a database": [{ DATABASE_URL: "postgres://u:hush@host" }, /DATABASE_URL is not a Postgres/],
    "a Redis URL that is none": [
      { UPSTASH_REDIS_REST_URL: "redis://hush" },
      /UPSTASH_REDIS_REST_URL is not an https URL/,
    ],
  };

  test.each(Object.entries(wrong))("%s", async (_, [setting, says]) => {
    const response = await answerOf({ ...stack.workerEnv, ...setting });
    expect(response.status).toBe(503);
    const problem = await problemOf(response);
    expect(problem.code).toBe("not_configured");
    expect(log.lines).toEqual([expect.stringMatching(says)]);
    expect(JSON.stringify(problem) + log.lines).not.toContain("hush");
  });

  test("nothing wrong", async () => {
    expect((await answerOf(stack.workerEnv)).status).toBe(200);
  });
});

test("the lifetimes of true and false are settings", async () => {
  const lifetimes = { ENABLED_TTL_SECONDS: "60", DISABLED_TTL_SECONDS: "7200" };
  const worker = createWorker({ workerEnv: { ...stack.workerEnv, ...lifetimes } });
  const { switch: toggle } = apiOf(worker, await stack.createKey());
  const id = await stack.createProject();
  for (const [on, seconds] of [
    [true, 60],
    [false, 7_200],
  ] as const) {
    await toggle(id, on);
    const ttl = await stack.redis.ttl(`tracing:${id}:enabled`);
    expect(ttl).toBeGreaterThan(seconds - 30);
    expect(ttl).toBeLessThanOrEqual(seconds);
  }
  await worker.settled();
});
