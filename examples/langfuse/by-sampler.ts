// Langfuse, traced as the policy says, decided when a trace begins. Nothing of a trace that is skipped is recorded.
//
//   npm install tracing-toggle @langfuse/otel@5 @langfuse/tracing@5 @langfuse/core@5 @opentelemetry/api@1.9 \
//     @opentelemetry/sdk-trace-base@2 @opentelemetry/context-async-hooks@2 \
//     @opentelemetry/core@2 @opentelemetry/exporter-trace-otlp-http@0.2
//   LANGFUSE_PUBLIC_KEY=… LANGFUSE_SECRET_KEY=… node --env-file=.local/env examples/langfuse/by-sampler.ts
import { getPropagatedAttributesFromContext } from "@langfuse/core";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { createTracingToggle } from "tracing-toggle";
import { tracingSampler, withoutContent } from "tracing-toggle/otel";
import { answer } from "./agent.ts";

const tracing = createTracingToggle(); // settings from the environment

const sampler = await tracingSampler(tracing, {
  // Whose trace it is, as `propagateAttributes` says; Langfuse gives it to spans only after the sampler was asked.
  request: ({ context }) => {
    const { "user.id": userId, "session.id": sessionId } = getPropagatedAttributesFromContext(context);
    return { userId: userId as string, sessionId: sessionId as string };
  },
});
const provider = new BasicTracerProvider({
  sampler,
  spanProcessors: [withoutContent(new LangfuseSpanProcessor())], // without inputs and outputs for `capture: "metadata"`
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);

console.log(await answer("user-42", "s-1", "What is the time?"));

await provider.shutdown();
await tracing.close();
