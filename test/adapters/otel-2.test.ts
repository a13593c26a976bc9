import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { withoutContent } from "../../sdk/src/adapters/otel.ts";
import { describeSdk } from "./otel-suite.ts";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

describeSdk("OpenTelemetry 2.x", {
  context,
  root: ROOT_CONTEXT,
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  start: ({ url, sampler, isContent }) =>
    new BasicTracerProvider(
      sampler && {
        sampler,
        spanProcessors: [withoutContent(new BatchSpanProcessor(new OTLPTraceExporter({ url })), { isContent })],
      },
    ),
});
