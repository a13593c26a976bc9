import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { withoutContent } from "../../../sdk/src/adapters/otel.ts";
import { describeSdk } from "../otel-suite.ts";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

describeSdk("OpenTelemetry 3.x", {
  context,
  root: ROOT_CONTEXT,
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  start: ({ url, sampler, isContent }) =>
    new TracerProvider(
      sampler && {
        sampler,
        spanProcessors: [
          withoutContent(new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) }), { isContent }),
        ],
      },
    ),
});
