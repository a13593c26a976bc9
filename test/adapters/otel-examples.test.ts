import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { environment, runExample } from "./examples.ts";
import { startOtlp } from "./otlp.ts";
import { startRedis } from "./servers.ts";

let otlp: Awaited<ReturnType<typeof startOtlp>>;
let redis: Awaited<ReturnType<typeof startRedis>>;

beforeAll(async () => {
  [otlp, redis] = await Promise.all([startOtlp(), startRedis()]);
});

beforeEach(() => otlp.forget());

afterAll(() => Promise.all([otlp.close(), redis.close()]));

const run = (example: string) =>
  runExample(example, {
    ...environment(redis),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
    LANGFUSE_BASE_URL: otlp.url,
    LANGFUSE_PUBLIC_KEY: "public",
    LANGFUSE_SECRET_KEY: "secret",
  });

const question = "What is the time?";

describe.each([
  ["otel-node/index.ts", ["model", "agent"]],
  ["otel-lambda/handler.ts", ["agent", "agent"]],
  ["langfuse/by-sampler.ts", ["model", "agent"]],
  ["langfuse/by-filter.ts", ["model", "agent"]],
])("examples/%s", (example, spans) => {
  test("off: nothing is sent", async () => {
    redis.set({ enabled: false, overrides: {}, capture: "full" });
    expect(await run(example)).toContain(question);
    expect(otlp.requests).toEqual([]);
  });

  test("never for this user: nothing is sent", async () => {
    redis.set({ enabled: true, overrides: { "user-42": [false, null] }, capture: "full" });
    expect(await run(example)).toContain(question);
    expect(otlp.requests).toEqual([]);
  });

  test("on: the trace is sent", async () => {
    redis.set({ enabled: true, overrides: {}, capture: "full" });
    expect(await run(example)).toContain(question);
    expect(otlp.spans.map((span) => span.name)).toEqual(spans);
    expect(JSON.stringify(otlp.spans).includes(question)).toBe(spans.includes("model"));
  });

  test("capture metadata: it is sent without the question", async () => {
    redis.set({ enabled: true, overrides: {}, capture: "metadata" });
    expect(await run(example)).toContain(question);
    expect(otlp.spans.map((span) => span.name)).toEqual(spans);
    expect(JSON.stringify(otlp.spans)).not.toContain(question);
  });
});

test("examples/openfeature", async () => {
  redis.set({ enabled: true, reason: "enabled", overrides: {} });
  expect(await run("openfeature/index.ts")).toContain("{ traced: true, reason: 'STATIC', rule: 'enabled'");
});
