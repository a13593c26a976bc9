// An AI SDK call whose telemetry goes by the policy. Run: node examples/ai-sdk/index.ts
// Settings: TRACING_TOGGLE_* and UPSTASH_REDIS_REST_*, see the SDK's README; OTEL_EXPORTER_OTLP_ENDPOINT says where spans go.
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

const tracing = createTracingToggle();

// in place of a model that costs money
const model = new MockLanguageModelV4({
  doGenerate: {
    content: [{ type: "text", text: "Hello!" }],
    finishReason: { unified: "stop", raw: "stop" },
    usage: {
      inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 2, text: 2, reasoning: undefined },
    },
    warnings: [],
  },
});

const decision = await tracing.decide({ userId: process.argv[2] ?? "user-42", sessionId: "chat-1" });
const { text } = await generateText({
  model,
  prompt: "Say hello",
  telemetry: telemetryFor(decision, { functionId: "hello" }),
});
console.log(`${text} (traced: ${decision.trace}, reason: ${decision.reason})`);

await provider.shutdown();
await tracing.close();
