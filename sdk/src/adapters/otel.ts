import { type Context, propagation, TraceFlags, trace } from "@opentelemetry/api";
import type { Request, TracingToggle } from "../client.ts";
import { idOf } from "../decide.ts";
import type { Decision } from "../project.ts";
import type { Capture } from "../wire.ts";
import { isContent } from "./content.ts";

/** A span's attributes by name; in every version of OpenTelemetry's API. */
export interface Attributes {
  readonly [name: string]: unknown;
}

/** A span that is about to start, as a sampler is told of it. */
export interface StartingSpan {
  /** The context that it starts in: of its parent, with the baggage. */
  readonly context: Context;
  readonly traceId: string;
  readonly name: string;
  /** A `SpanKind` of `@opentelemetry/api`. */
  readonly kind: number;
  /** Those that it starts with; what is set later is not known yet. */
  readonly attributes: Attributes;
}

/** Settings of {@link tracingSampler}. All may be left out. */
export interface SamplerOptions {
  /**
   * Whose request a root span is. Default: the user is its attribute `user.id` or `enduser.id`, the session `session.id` or
   * `gen_ai.conversation.id`; what is not among the attributes is looked for under the same names in the baggage. When the
   * function throws, the span is not sampled. Without a user and a session, the trace id is the key to sample by; it is added
   * when the function leaves it out.
   */
  request?: ((span: StartingSpan) => Request) | undefined;
}

/** A `Sampler` of OpenTelemetry's SDK 2.x and 3.x. */
export interface TracingSampler {
  shouldSample(context: Context, traceId: string, name: string, kind: number, attributes: Attributes): Sampling;
  toString(): string;
}

/** A `SamplingResult`: `decision` is `NOT_RECORD` (0) or `RECORD_AND_SAMPLED` (2). */
export interface Sampling {
  readonly decision: 0 | 2;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

const CAPTURE = "tracing_toggle.capture";

const SKIP: Sampling = Object.freeze({ decision: 0 });
/** What the spans below a sampled root get. */
const BELOW: Record<Capture, Sampling> = {
  full: Object.freeze({ decision: 2 }),
  metadata: Object.freeze({ decision: 2, attributes: { [CAPTURE]: "metadata" } }),
};

/** How many sampled traces are remembered: 32 characters each. */
const MAX_TRACES = 5_000;

const USER = ["user.id", "enduser.id"];
const SESSION = ["session.id", "gen_ai.conversation.id"];

function requestOf({ context, attributes }: StartingSpan): Request {
  const baggage = propagation.getBaggage(context);
  const find = (names: string[]) => {
    const values = [...names.map((name) => attributes[name]), ...names.map((name) => baggage?.getEntry(name)?.value)];
    return values.map(idOf).find((id) => id !== undefined);
  };
  return { userId: find(USER), sessionId: find(SESSION) };
}

/**
 * Makes a sampler for OpenTelemetry's SDK, 2.x or 3.x, that asks the project's policy once per trace, when its first span
 * starts in this process. With an answer of "skip" no span of it is recorded, and nothing reaches an exporter.
 *
 * - A span without a parent is sampled as the policy says.
 * - Below a span of this process its decision holds, also when the policy changes meanwhile.
 * - Below a span of another process (`traceparent`), or of another provider in this one, that is not sampled, nothing is; below one
 *   that is sampled, the span is too, unless the policy says skip for another reason than `not_sampled`: off beats the caller.
 *
 * The first span gets the attributes `tracing_toggle.decision` (`trace`), `tracing_toggle.reason` (the rule, or `parent` when
 * the caller's sampling was followed), `tracing_toggle.version` and `tracing_toggle.capture`. With capture `metadata` all
 * spans get the last; {@link withoutContent} goes by it.
 *
 * The user must be known when the first span starts: give it the attribute, put it into the baggage, or see
 * {@link SamplerOptions.request}. A user id from another process's baggage is only as good as that process.
 *
 * A sampler cannot wait, so it goes by the snapshot ({@link TracingToggle.peek}), and does not trace by one older than
 * `maxAgeMs`. So `await tracing.ready()` at the start of each request, which costs nothing while the snapshot is fresh. Without it, as
 * where automatic instrumentation starts the first span before your code runs, a request after a quiet second is not traced,
 * nor is the first one after AWS Lambda or an edge runtime has frozen the process; for a process that lives long and cannot await
 * it, give the client `live()` and a longer `maxAgeMs`. Do not put the sampler into a
 * `ParentBasedSampler`: that follows a sampled parent without asking.
 *
 * @param tracing the client that decides; its first snapshot is awaited here, for `timeoutMs` at most
 * @example
 * ```ts
 * import { trace } from "@opentelemetry/api";
 * import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
 * import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
 * import { createTracingToggle } from "tracing-toggle";
 * import { tracingSampler, withoutContent } from "tracing-toggle/otel";
 *
 * const tracing = createTracingToggle(); // settings from the environment
 * const provider = new BasicTracerProvider({
 *   sampler: await tracingSampler(tracing),
 *   spanProcessors: [withoutContent(new BatchSpanProcessor(new OTLPTraceExporter()))],
 * });
 * trace.setGlobalTracerProvider(provider);
 *
 * await tracing.ready(); // at the start of each request
 * trace.getTracer("agent").startActiveSpan("run", { attributes: { "user.id": "user-42" } }, (span) => span.end());
 * ```
 */
export async function tracingSampler(
  tracing: Pick<TracingToggle, "peek" | "ready">,
  options: SamplerOptions = {},
): Promise<TracingSampler> {
  const { request = requestOf } = options;
  const traces = new Map<string, Capture>();

  function remember(traceId: string, capture: Capture): void {
    traces.set(traceId, capture);
    if (traces.size > MAX_TRACES) traces.delete(traces.keys().next().value as string);
  }

  function sample(span: StartingSpan): Sampling {
    const parent = trace.getSpanContext(span.context);
    const inherits = parent !== undefined && trace.isSpanContextValid(parent);
    if (inherits && !(parent.traceFlags & TraceFlags.SAMPLED)) return SKIP;
    // A parent in this process whose trace is not remembered is of another provider: it has not been decided here.
    const known = inherits && !parent.isRemote ? traces.get(span.traceId) : undefined;
    if (known) return BELOW[known];
    const whose = request(span);
    const decision = tracing.peek({ ...whose, traceId: idOf(whose.traceId) ?? span.traceId });
    const followsParent = inherits && decision.reason === "not_sampled";
    if (!decision.trace && !followsParent) return SKIP;
    remember(span.traceId, decision.capture);
    return { decision: 2, attributes: attributesOf(decision, followsParent) };
  }

  await tracing.ready();
  return {
    shouldSample(context, traceId, name, kind, attributes) {
      try {
        return sample({ context, traceId, name, kind, attributes });
      } catch {
        return SKIP; // whose request it is is not known: perhaps that of a user who must not be traced
      }
    },
    toString: () => "TracingToggleSampler",
  };
}

function attributesOf({ reason, version, capture }: Decision, followsParent: boolean): Record<string, string | number> {
  return {
    "tracing_toggle.decision": "trace",
    "tracing_toggle.reason": followsParent ? "parent" : reason,
    ...(version === null ? undefined : { "tracing_toggle.version": version }),
    [CAPTURE]: capture,
  };
}

/** What {@link withoutContent} reads of a span that has ended. */
export interface EndedSpan {
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes | undefined }[];
  readonly status: { readonly code: number; readonly message?: string | undefined };
}

/** A `SpanProcessor` of OpenTelemetry's SDK 2.x and 3.x; `S` is its `ReadableSpan`. */
export interface Processor<S extends EndedSpan> {
  onStart(span: any, parentContext: Context): void;
  onEnding?(span: any): void;
  onEnd(span: S): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Settings of {@link withoutContent}. All may be left out. */
export interface ContentOptions<S> {
  /** What to record of a span. Default: as {@link tracingSampler} has decided for its trace; without it, everything. */
  capture?: ((span: S) => Capture) | undefined;
  /** Names further attributes that are content, beside those known. */
  isContent?: ((name: string, value: unknown) => boolean) | undefined;
}

/**
 * Wraps a span processor so that spans reach it without their content where the policy's `capture` is `metadata`.
 *
 * Dropped, from spans and their events: prompts and messages, answers, tools' arguments and results, documents, by the
 * attribute names of OpenTelemetry, OpenInference, OpenLLMetry, the AI SDK and Langfuse, and by their last word; and what an error
 * says (`exception.message`, `exception.stacktrace`, the status' message), since that often quotes one of them. Kept: names, timing, ids,
 * models, counts of tokens, cost, finish reasons, the kind of an error. Not touched: names of spans, and metadata and tags that
 * you set yourself; name those that are content by {@link ContentOptions.isContent}.
 *
 * @param processor one of the SDK's, or another such as Langfuse's; other processors still see everything
 * @example
 * ```ts
 * const processor = withoutContent(new BatchSpanProcessor(new OTLPTraceExporter()), {
 *   isContent: (name) => name === "app.question",
 * });
 * ```
 */
export function withoutContent<S extends EndedSpan>(
  processor: Processor<S>,
  options: ContentOptions<S> = {},
): Processor<S> {
  const { capture = captureOf, isContent: isAlsoContent } = options;
  const isDropped = (name: string, value: unknown) => isContent(name, value) || isAlsoContent?.(name, value) === true;
  const keep = (attributes: Attributes): Attributes =>
    Object.fromEntries(Object.entries(attributes).filter(([name, value]) => !isDropped(name, value)));

  function strip(span: S): S {
    const events = span.events.map((event) => ({ ...event, attributes: keep(event.attributes ?? {}) }));
    // a view: the span itself belongs to other processors too
    return Object.create(span, {
      attributes: { value: keep(span.attributes), enumerable: true },
      events: { value: events, enumerable: true },
      status: { value: { code: span.status.code }, enumerable: true },
    });
  }

  return {
    onStart: (span, parentContext) => processor.onStart(span, parentContext),
    onEnding: (span) => processor.onEnding?.(span),
    onEnd(span) {
      let view: S;
      try {
        view = capture(span) === "full" ? span : strip(span);
      } catch {
        return; // rather no span than one with content
      }
      processor.onEnd(view);
    },
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
}

const captureOf = ({ attributes }: EndedSpan): Capture => (attributes[CAPTURE] === "metadata" ? "metadata" : "full");
