// Langfuse, traced as the policy says, by its own filter: for a provider whose sampler is not yours to set, or that feeds other
// products as well, which still get everything. The same packages as by-sampler.ts.
//
//   LANGFUSE_PUBLIC_KEY=… LANGFUSE_SECRET_KEY=… node --env-file=.local/env examples/langfuse/by-filter.ts
import { isDefaultExportSpan, LangfuseSpanProcessor } from "@langfuse/otel";
import { propagateAttributes } from "@langfuse/tracing";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { createTracingToggle } from "tracing-toggle";
import { withoutContent } from "tracing-toggle/otel";
import { answer } from "./agent.ts";

const tracing = createTracingToggle(); // settings from the environment

const said = (span: ReadableSpan, what: string) => span.attributes[`langfuse.trace.metadata.${what}`];
const processor = new LangfuseSpanProcessor({
  // It takes the place of Langfuse's own filter, which is therefore asked first. What nobody has decided on is not sent.
  shouldExportSpan: ({ otelSpan }) => isDefaultExportSpan(otelSpan) && said(otelSpan, "tracing") === "trace",
});
const capture = (span: ReadableSpan) => (said(span, "capture") === "full" ? "full" : "metadata");
const provider = new BasicTracerProvider({ spanProcessors: [withoutContent(processor, { capture })] });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);

/** Decides once, and lets Langfuse carry the decision to every span of the trace. */
async function decided<T>(userId: string, sessionId: string, run: () => Promise<T>): Promise<T> {
  const { trace, capture, reason } = await tracing.decide({ userId, sessionId });
  const metadata = { tracing: trace ? "trace" : "skip", capture, reason };
  return propagateAttributes({ metadata }, run);
}

console.log(await decided("user-42", "s-1", () => answer("user-42", "s-1", "What is the time?")));

await provider.shutdown();
await tracing.close();
