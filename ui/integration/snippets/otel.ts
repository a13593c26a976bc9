import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createTracingToggle } from "tracing-toggle";
import { tracingSampler, withoutContent } from "tracing-toggle/otel";
import { usage } from "tracing-toggle/usage";
import { run } from "./your-agent.ts";

// the rest from the environment
const tracing = createTracingToggle({ usage: usage() });
const provider = new BasicTracerProvider({
  sampler: await tracingSampler(tracing),
  spanProcessors: [withoutContent(new BatchSpanProcessor(new OTLPTraceExporter()))],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);

// at the start of each request: a sampler cannot wait
await tracing.ready();
const call = { userId: "user-42", sessionId: "s-1", question: "…" };
// whose trace it is
const attributes = { "user.id": call.userId, "session.id": call.sessionId };
await trace.getTracer("agent").startActiveSpan("agent", { attributes }, async (span) => {
  await run(call).finally(() => span.end());
});
