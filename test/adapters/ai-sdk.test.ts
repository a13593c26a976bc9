import diagnostics from "node:diagnostics_channel";
import { OpenTelemetry } from "@ai-sdk/otel";
import { context, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { embed, generateText, isStepCount, jsonSchema, registerTelemetry, streamText, ToolLoopAgent, tool } from "ai";
import { MockEmbeddingModelV4, MockLanguageModelV4, simulateReadableStream } from "ai/test";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { telemetryFor } from "../../sdk/src/adapters/ai-sdk.ts";
import { createTracingToggle, type Decision, type TracingToggle } from "../../sdk/src/index.ts";
import { startOtlp } from "./otlp.ts";
import { startRedis } from "./servers.ts";

let otlp: Awaited<ReturnType<typeof startOtlp>>;
let redis: Awaited<ReturnType<typeof startRedis>>;
let provider: BasicTracerProvider;
let tracing: TracingToggle;

beforeAll(async () => {
  [otlp, redis] = await Promise.all([startOtlp(), startRedis()]);
  const exporter = new OTLPTraceExporter({ url: otlp.url });
  provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  // with all that it can record
  registerTelemetry(new OpenTelemetry({ runtimeContext: true, embedding: true, schema: true, headers: true }));
  tracing = createTracingToggle({
    projectId: "project",
    redis: { url: redis.url, token: "token" },
    api: null,
    maxAgeMs: 0,
    timeoutMs: 5_000,
    logger: null,
  });
});

afterEach(async () => {
  await provider.forceFlush();
  otlp.forget();
  redis.set({ enabled: true, capture: "full", overrides: {} });
});

afterAll(async () => {
  await Promise.all([tracing.close(), provider.shutdown(), otlp.close(), redis.close()]);
  trace.disable();
  context.disable();
});

const CANARY = "canary-4711";
const usage = {
  inputTokens: { total: 11, noCache: 11, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 7, text: 7, reasoning: undefined },
};
const stop = { unified: "stop", raw: "stop" } as const;
const text = [{ type: "text", text: `answer ${CANARY}` }] as const;
const call = {
  type: "tool-call",
  toolCallId: "call-1",
  toolName: "look_up",
  input: JSON.stringify({ word: CANARY }),
} as const;

const speaks = () =>
  new MockLanguageModelV4({
    doGenerate: { content: [...text], finishReason: stop, usage, warnings: [] },
    doStream: async () => ({
      stream: simulateReadableStream({
        chunks: [
          { type: "stream-start", warnings: [] },
          { type: "text-start", id: "1" },
          { type: "text-delta", id: "1", delta: `answer ${CANARY}` },
          { type: "text-end", id: "1" },
          { type: "finish", finishReason: stop, usage },
        ],
      }),
    }),
  });

const callsTool = () =>
  new MockLanguageModelV4({
    doGenerate: [
      { content: [call], finishReason: { unified: "tool-calls", raw: "tool_calls" }, usage, warnings: [] },
      { content: [...text], finishReason: stop, usage, warnings: [] },
    ],
  });

const fails = () =>
  new MockLanguageModelV4({
    doGenerate: async () => {
      throw new Error(`broken ${CANARY}`);
    },
    doStream: async () => {
      throw new Error(`broken ${CANARY}`);
    },
  });

const inputSchema = jsonSchema<{ word: string }>({ type: "object", properties: { word: { type: "string" } } });
const lookUp = (execute: (word: string) => string) => tool({ inputSchema, execute: async ({ word }) => execute(word) });

type Telemetry = ReturnType<typeof telemetryFor>;
const common = (telemetry: Telemetry) => ({ telemetry, maxRetries: 0, prompt: `question ${CANARY}` });

const ways: Record<string, (telemetry: Telemetry) => Promise<unknown>> = {
  generateText: (telemetry) => generateText({ model: speaks(), instructions: CANARY, ...common(telemetry) }),
  streamText: async (telemetry) => {
    const { textStream } = streamText({ model: speaks(), ...common(telemetry) });
    for await (const _ of textStream);
  },
  "a tool call": (telemetry) =>
    generateText({
      model: callsTool(),
      tools: { look_up: lookUp((word) => `found ${word}`) },
      stopWhen: isStepCount(3),
      ...common(telemetry),
    }),
  "a tool that throws": (telemetry) =>
    generateText({
      model: callsTool(),
      tools: {
        look_up: lookUp((word) => {
          throw new Error(`lost ${word}`);
        }),
      },
      stopWhen: isStepCount(3),
      ...common(telemetry),
    }),
  "a model that throws": async (telemetry) => {
    await expect(generateText({ model: fails(), ...common(telemetry) })).rejects.toThrow("broken");
  },
  "a stream that throws": async (telemetry) => {
    const { fullStream } = streamText({ model: fails(), onError: () => {}, ...common(telemetry) });
    for await (const _ of fullStream);
  },
  "an agent": async (telemetry) => {
    const agent = new ToolLoopAgent({
      model: callsTool(),
      tools: { look_up: lookUp((word) => word) },
      prepareCall: (settings) => ({ ...settings, telemetry }),
    });
    await agent.generate({ prompt: CANARY });
  },
  embed: (telemetry) =>
    embed({
      model: new MockEmbeddingModelV4({ doEmbed: { embeddings: [[0.5]], usage: { tokens: 3 }, warnings: [] } }),
      value: CANARY,
      telemetry,
    }),
  "calls at the same time": (telemetry) =>
    Promise.all([1, 2, 3].map(() => generateText({ model: speaks(), ...common(telemetry) }))),
};

async function spansOf(run: (telemetry: Telemetry) => Promise<unknown> = async () => {}, decision: Decision) {
  await run(telemetryFor(decision, { functionId: "the-function" }));
  await provider.forceFlush();
  return otlp.spans;
}

describe.each(Object.entries(ways))("%s", (_, run) => {
  test("off: nothing is sent", async () => {
    redis.set({ enabled: false });
    expect(await spansOf(run, await tracing.decide())).toEqual([]);
    expect(otlp.requests).toEqual([]);
  });

  test("on: the spans are sent with their content", async () => {
    const spans = await spansOf(run, await tracing.decide());
    expect(spans.length).toBeGreaterThan(0);
    expect(JSON.stringify(spans)).toContain(CANARY);
  });

  test("metadata: the same spans are sent without any content", async () => {
    const full = (await spansOf(run, await tracing.decide())).map(({ name }) => name).sort();
    await provider.forceFlush();
    otlp.forget();
    redis.set({ capture: "metadata" });
    const spans = await spansOf(run, await tracing.decide());
    expect(spans.map(({ name }) => name).sort()).toEqual(full);
    expect(JSON.stringify(spans)).not.toContain(CANARY);
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
    }
  });
});

test("metadata: names, models, tokens and failures are kept, and the caller's options do not bring content back", async () => {
  redis.set({ capture: "metadata" });
  const decision = await tracing.decide();
  const telemetry = telemetryFor(decision, {
    functionId: "the-function",
    recordInputs: true,
    recordOutputs: true,
    includeRuntimeContext: { note: true },
  });
  await generateText({ model: speaks(), runtimeContext: { note: CANARY }, ...common(telemetry) });
  await provider.forceFlush();
  const chat = otlp.spans.find(({ name }) => name.startsWith("chat "));
  expect(chat?.attributes).toMatchObject({ "gen_ai.request.model": "mock-model-id" });
  expect(Number(chat?.attributes["gen_ai.usage.input_tokens"])).toBe(11);
  expect(Number(chat?.attributes["gen_ai.usage.output_tokens"])).toBe(7);
  expect(JSON.stringify(otlp.spans)).toContain("the-function");
  expect(JSON.stringify(otlp.spans)).not.toContain(CANARY);
  otlp.forget();
  await ways["a model that throws"]?.(telemetryFor(decision));
  await provider.forceFlush();
  expect(otlp.spans.some(({ status }) => status.code === 2)).toBe(true);
});

test("the decision is that of the user who was named", async () => {
  redis.set({ overrides: { "user-1": [false, null] } });
  expect(await spansOf(ways.generateText, await tracing.decide({ userId: "user-1" }))).toEqual([]);
  expect(await spansOf(ways.generateText, await tracing.decide({ userId: "user-2" }))).not.toEqual([]);
});

test("off: integrations given with the call and Node's diagnostics channels hear nothing either", async () => {
  const heard: string[] = [];
  const listen = () => heard.push("channel");
  const channel = diagnostics.tracingChannel("ai:telemetry");
  const subscribers = { start: listen, end: listen, asyncStart: listen, asyncEnd: listen, error: listen };
  channel.subscribe(subscribers);
  const integrations = { onStart: () => void heard.push("integration") };
  const run = async (trace: boolean) => {
    const telemetry = telemetryFor({ trace, capture: "full" }, { integrations });
    await generateText({ model: speaks(), ...common(telemetry) });
    return new Set(heard);
  };
  expect(await run(false)).toEqual(new Set());
  expect(await run(true)).toEqual(new Set(["channel", "integration"]));
  channel.unsubscribe(subscribers);
});

test("what the caller switched off stays off", () => {
  expect(telemetryFor({ trace: true, capture: "full" }, { isEnabled: false }).isEnabled).toBe(false);
  expect(telemetryFor({ trace: true, capture: "full" }, { recordInputs: false })).toEqual({
    isEnabled: true,
    recordInputs: false,
  });
});
