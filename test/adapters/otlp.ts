import { text } from "node:stream/consumers";
import { serve } from "./servers.ts";

/** A span as it was received. */
export interface SentSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  status: { code: number; message?: string };
}

type Pairs = { key: string; value: Record<string, unknown> }[];

const attributesOf = (pairs: Pairs = []) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Stands for a tracing product that takes OTLP as JSON, at any path, and keeps what it is sent. */
export async function startOtlp() {
  const requests: string[] = [];
  const spans: SentSpan[] = [];
  const server = await serve(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    for (const { scopeSpans } of JSON.parse(await text(request)).resourceSpans) {
      for (const scope of scopeSpans) {
        for (const span of scope.spans) {
          const events = (span.events ?? []).map((event: { name: string; attributes?: Pairs }) => ({
            name: event.name,
            attributes: attributesOf(event.attributes),
          }));
          spans.push({ ...span, events, attributes: attributesOf(span.attributes) });
        }
      }
    }
    response.setHeader("content-type", "application/json").end("{}");
  });
  const forget = () => {
    requests.length = 0;
    spans.length = 0;
  };
  return { ...server, requests, spans, forget };
}
