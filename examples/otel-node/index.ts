// An agent in a Node process, traced by OpenTelemetry as the policy says.
//
//   npm install tracing-toggle @opentelemetry/api@1.9 @opentelemetry/sdk-trace-base@2 \
//     @opentelemetry/context-async-hooks@2 @opentelemetry/exporter-trace-otlp-http@0.2
//   node --env-file=.local/env examples/otel-node/index.ts      # with `npm start` running, and a collector on port 4318
//
// With OpenTelemetry 3.x: `TracerProvider` and `new BatchSpanProcessor({ exporter })`, both of `@opentelemetry/sdk-trace`.
import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createTracingToggle } from "tracing-toggle";
import { tracingSampler, withoutContent } from "tracing-toggle/otel";

const tracing = createTracingToggle(); // settings from the environment
const provider = new BasicTracerProvider({
  sampler: await tracingSampler(tracing),
  spanProcessors: [withoutContent(new BatchSpanProcessor(new OTLPTraceExporter()))],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);

const tracer = trace.getTracer("agent");

const model = (question: string) =>
  tracer.startActiveSpan("model", { attributes: { "gen_ai.request.model": "fake" } }, async (span) => {
    const answer = `You asked: ${question}`;
    span.setAttributes({ "gen_ai.input.messages": question, "gen_ai.output.messages": answer });
    span.setAttribute("gen_ai.usage.output_tokens", answer.length);
    span.end();
    return answer;
  });

async function run(userId: string, sessionId: string, question: string) {
  await tracing.ready(); // the sampler cannot wait; at once while the snapshot is fresh
  // The sampler sees the attributes that a trace's first span starts with: these say whose it is.
  const attributes = { "user.id": userId, "session.id": sessionId };
  return tracer.startActiveSpan("agent", { attributes }, async (span) => {
    try {
      return { answer: await model(question), traced: span.isRecording() };
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

console.log(await run("user-42", "s-1", "What is the time?"));

await provider.shutdown();
await tracing.close();
