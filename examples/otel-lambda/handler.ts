// An agent on AWS Lambda, traced by OpenTelemetry as the policy says. The same packages as examples/otel-node.
//
//   node --env-file=.local/env examples/otel-lambda/handler.ts      # calls the handler twice
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createTracingToggle } from "tracing-toggle";
import { tracingSampler, withoutContent } from "tracing-toggle/otel";

interface Event {
  userId?: string;
  question: string;
}

const tracing = createTracingToggle(); // settings from the environment
const provider = new BasicTracerProvider({
  sampler: await tracingSampler(tracing),
  spanProcessors: [withoutContent(new BatchSpanProcessor(new OTLPTraceExporter()))],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);

export async function handler({ userId, question }: Event) {
  // Lambda freezes the process between invocations. What was known before says nothing of now, and the sampler cannot wait.
  await tracing.ready();
  const attributes = userId === undefined ? {} : { "user.id": userId };
  try {
    return await trace.getTracer("agent").startActiveSpan("agent", { attributes }, async (span) => {
      const answer = { answer: `You asked: ${question}`, traced: span.isRecording() };
      span.end();
      return answer;
    });
  } finally {
    await provider.forceFlush(); // before the freeze
  }
}

if (process.argv[1] === import.meta.filename) {
  for (const question of ["What is the time?", "And now?"]) console.log(await handler({ userId: "user-42", question }));
}
