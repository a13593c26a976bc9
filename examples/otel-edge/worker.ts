// An agent on Cloudflare Workers, traced by OpenTelemetry as the policy says. The same packages as examples/otel-node.
//
//   npx wrangler dev --config examples/otel-edge/wrangler.toml --env-file .local/env
import { waitUntil } from "cloudflare:workers";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createTracingToggle } from "tracing-toggle";
import { type TracingSampler, tracingSampler, withoutContent } from "tracing-toggle/otel";

const tracing = createTracingToggle({ waitUntil }); // settings from the environment
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

let sampler: TracingSampler | undefined;

export default {
  async fetch(request: Request, env: { OTEL_EXPORTER_OTLP_ENDPOINT: string }): Promise<Response> {
    // An isolate may have slept since the last request. What was known then says nothing of now, and the sampler cannot wait.
    if (sampler) await tracing.ready();
    else sampler = await tracingSampler(tracing); // not at the top level, where nothing can be asked

    // Per request: here the timers and connections of one request are not another's to use.
    const exporter = new OTLPTraceExporter({ url: `${env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces` });
    const spanProcessors = [withoutContent(new BatchSpanProcessor(exporter))];
    const provider = new BasicTracerProvider({ sampler, spanProcessors });
    const tracer = provider.getTracer("agent");

    const attributes = { "user.id": new URL(request.url).searchParams.get("user") ?? "" };
    const traced = await tracer.startActiveSpan("agent", { attributes }, async (span) => {
      tracer.startActiveSpan("model", (model) => model.end());
      span.end();
      return (span.spanContext().traceFlags & 1) === 1;
    });
    waitUntil(provider.shutdown());
    return Response.json({ traced });
  },
};
