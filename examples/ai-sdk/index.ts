// AI SDK calls, whose telemetry goes by OpenTelemetry as the policy says. Node 22 or newer.
//
//   npm install tracing-toggle ai@7 @ai-sdk/otel@1 @opentelemetry/api@1.9 @opentelemetry/sdk-trace-base@2 \
//     @opentelemetry/exporter-trace-otlp-http@0.2
//   node --env-file=.local/env examples/ai-sdk/index.ts      # with `npm start` running, and a collector on port 4318
import { OpenTelemetry } from "@ai-sdk/otel";
import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { generateText, registerTelemetry } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { createTracingToggle } from "tracing-toggle";
import { telemetryFor } from "tracing-toggle/ai-sdk";

const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
trace.setGlobalTracerProvider(provider);
registerTelemetry(new OpenTelemetry());

const tracing = createTracingToggle(); // settings from the environment

// in place of a model that costs money
const model = new MockLanguageModelV4({
  doGenerate: {
    content: [{ type: "text", text: "It rains." }],
    finishReason: { unified: "stop", raw: "stop" },
    usage: {
      inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 2, text: 2, reasoning: undefined },
    },
    warnings: [],
  },
});

const question = "What is the weather?";
const decision = await tracing.decide({ userId: "user-42", sessionId: "chat-1" });
const { text } = await generateText({
  model,
  prompt: question,
  telemetry: telemetryFor(decision, { functionId: "weather" }),
});
console.log(`${question} ${text} (tracing: ${decision.reason})`);

await provider.shutdown();
await tracing.close();
