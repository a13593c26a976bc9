import { getPropagatedAttributesFromContext } from "@langfuse/core";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { propagateAttributes, startActiveObservation, startObservation } from "@langfuse/tracing";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tracingSampler, withoutContent } from "../../sdk/src/adapters/otel.ts";
import { createTracingToggle } from "../../sdk/src/index.ts";
import { startOtlp } from "./otlp.ts";
import { startRedis } from "./servers.ts";

let langfuse: Awaited<ReturnType<typeof startOtlp>>;
let redis: Awaited<ReturnType<typeof startRedis>>;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [langfuse, redis] = await Promise.all([startOtlp(), startRedis()]);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
  langfuse.forget();
});

afterAll(() => Promise.all([langfuse.close(), redis.close()]));

type Policy = Parameters<typeof redis.set>[0];

/** Langfuse's own processor under a policy; answers the names of the observations it sends of `work`. */
async function observationsOf(policy: Policy, work: () => Promise<unknown>): Promise<string[]> {
  redis.set({ enabled: true, overrides: {}, capture: "full", ...policy });
  const tracing = createTracingToggle({
    projectId: "project",
    redis: { url: redis.url, token: "token" },
    api: null,
    maxAgeMs: 60_000,
    timeoutMs: 5_000,
    logger: null,
  });
  const provider = new BasicTracerProvider({
    sampler: await tracingSampler(tracing, {
      request: ({ context }) => {
        const { "user.id": userId, "session.id": sessionId } = getPropagatedAttributesFromContext(context);
        return { userId: userId as string, sessionId: sessionId as string };
      },
    }),
    spanProcessors: [
      withoutContent(new LangfuseSpanProcessor({ baseUrl: langfuse.url, publicKey: "public", secretKey: "secret" })),
    ],
  });
  ends.push(
    () => provider.shutdown(),
    () => tracing.close(),
  );
  trace.disable();
  trace.setGlobalTracerProvider(provider);
  await work().catch(() => {});
  await provider.forceFlush();
  return langfuse.spans.map((span) => span.name).sort();
}

const generation = async () => {
  const model = startObservation("model", { model: "fake", input: "secret" }, { asType: "generation" });
  const usage = { usageDetails: { input: 3, output: 4 }, costDetails: { total: 0.01 } };
  model.update({ output: { text: "secret" }, metadata: { tier: "gold" }, ...usage }).end();
};

const image = `data:image/png;base64,${"A".repeat(200)}`;

const throwing = () =>
  startActiveObservation("agent", async () => {
    await generation();
    throw new Error("secret");
  });

const ways: Record<string, [() => Promise<unknown>, ...observations: string[]]> = {
  "one observation": [generation, "model"],
  "nested observations": [() => startActiveObservation("agent", generation), "agent", "model"],
  "an observation that throws": [throwing, "agent", "model"],
  "observations in parallel": [
    () => startActiveObservation("agent", () => Promise.all([generation(), generation()])),
    "agent",
    "model",
    "model",
  ],
};

describe("by the sampler", () => {
  test.each(Object.entries(ways))("off: %s sends nothing", async (_, [work]) => {
    expect(await observationsOf({ enabled: false }, work)).toEqual([]);
    expect(langfuse.requests).toEqual([]);
  });

  test.each(Object.entries(ways))("on: %s sends what is expected", async (_, [work, ...expected]) => {
    expect(await observationsOf({}, work)).toEqual(expected);
  });

  test("off: an image is not uploaded either", async () => {
    const work = () => startActiveObservation("agent", async (agent) => agent.update({ input: image }));
    expect(await observationsOf({ enabled: false }, work)).toEqual([]);
    expect(langfuse.requests).toEqual([]);
    expect(await observationsOf({ capture: "metadata" }, work)).toEqual(["agent"]);
    expect(langfuse.requests).toEqual(["POST /api/public/otel/v1/traces"]);
  });

  test("the user is that of propagateAttributes", async () => {
    const policy: Policy = { overrides: { "user-1": [false, null] } };
    const work = (userId: string) => () =>
      propagateAttributes({ userId }, () => startActiveObservation("agent", generation));
    expect(await observationsOf(policy, work("user-1"))).toEqual([]);
    expect(langfuse.requests).toEqual([]);
    expect(await observationsOf(policy, work("user-2"))).toEqual(["agent", "model"]);
  });

  test("capture metadata: inputs and outputs are dropped; the model, usage, cost and metadata are kept", async () => {
    expect(await observationsOf({ capture: "metadata" }, throwing)).toEqual(["agent", "model"]);
    expect(JSON.stringify(langfuse.spans)).not.toContain("secret");
    expect(langfuse.spans.find((span) => span.name === "model")?.attributes).toMatchObject({
      "langfuse.observation.type": "generation",
      "langfuse.observation.model.name": "fake",
      "langfuse.observation.usage_details": '{"input":3,"output":4}',
      "langfuse.observation.cost_details": '{"total":0.01}',
      "langfuse.observation.metadata.tier": "gold",
    });
  });
});
