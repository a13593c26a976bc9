import type { Context, Span, TextMapGetter, TextMapPropagator, Tracer } from "@opentelemetry/api";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type SamplerOptions, type TracingSampler, tracingSampler } from "../../sdk/src/adapters/otel.ts";
import { createTracingToggle, type TracingToggle } from "../../sdk/src/index.ts";
import { type SentSpan, startOtlp } from "./otlp.ts";
import { startRedis } from "./servers.ts";

/** One major version of OpenTelemetry's SDK, of which the tests need this. */
export interface Sdk {
  context: { with<T>(context: Context, work: () => T): T };
  root: Context;
  /** The propagators of `traceparent` and of `baggage`. */
  propagators: [TextMapPropagator, TextMapPropagator];
  /**
   * A provider with a batch processor, in `withoutContent`, and the real OTLP exporter for `url`. Without a sampler it samples all
   * and exports nothing.
   */
  start(options: { url: string; sampler?: TracingSampler; isContent?: (name: string) => boolean }): Provider;
}

interface Provider {
  getTracer(name: string): Tracer;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

const MAX_AGE_MS = 60_000; // only a clock that is moved makes a snapshot old
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const headers = (flags: string, baggage = "") => ({ traceparent: `00-${TRACE_ID}-b7ad6b7169203331-${flags}`, baggage });
const getter: TextMapGetter<Record<string, string>> = { get: (carrier, key) => carrier[key], keys: Object.keys };

/** What is true of the sampler and of `withoutContent` in every major version of the SDK. */
export function describeSdk(name: string, { context, root, propagators, start }: Sdk) {
  describe(name, () => {
    let otlp: Awaited<ReturnType<typeof startOtlp>>;
    let redis: Awaited<ReturnType<typeof startRedis>>;
    let clock = 0;
    const ends: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      [otlp, redis] = await Promise.all([startOtlp(), startRedis()]);
    });

    afterEach(async () => {
      await Promise.all(ends.splice(0).map((end) => end()));
      otlp.forget();
      clock = 0;
    });

    afterAll(() => Promise.all([otlp.close(), redis.close()]));

    function connect(): TracingToggle {
      const tracing = createTracingToggle({
        projectId: "project",
        redis: { url: redis.url, token: "token" },
        api: null,
        maxAgeMs: MAX_AGE_MS,
        timeoutMs: 5_000,
        logger: null,
        now: () => Date.now() + clock,
      });
      ends.push(() => tracing.close());
      return tracing;
    }

    type Policy = Parameters<typeof redis.set>[0];

    /** A tracer under a policy. `change` switches, and waits until this process knows of it. */
    async function under(policy: Policy, options?: SamplerOptions & { isContent?: (name: string) => boolean }) {
      redis.set({ enabled: true, sample_rate: 1, capture: "full", overrides: {}, ...policy });
      const tracing = connect();
      const sampler = await tracingSampler(tracing, options);
      const provider = start({ url: `${otlp.url}/v1/traces`, sampler, ...options });
      ends.push(() => provider.shutdown());
      const change = async (change: Policy) => {
        redis.set(change);
        clock += MAX_AGE_MS;
        await tracing.ready();
      };
      const sent = async (): Promise<SentSpan[]> => {
        await provider.forceFlush();
        return otlp.spans;
      };
      const names = async () => (await sent()).map((span) => span.name).sort();
      return { tracer: provider.getTracer("test"), tracing, change, sent, names };
    }

    const run = (tracer: Tracer, work: (span: Span) => unknown = () => {}, attributes = {}) =>
      tracer.startActiveSpan("run", { attributes }, async (span) => {
        try {
          await work(span);
        } catch (error) {
          span.recordException(error as Error);
          span.setStatus({ code: 2, message: (error as Error).message });
        }
        span.end();
      });

    const child = (tracer: Tracer) => tracer.startActiveSpan("child", async (span) => span.end());

    const nested = (tracer: Tracer) =>
      run(tracer, () => tracer.startActiveSpan("model", (span) => child(tracer).then(() => span.end())));

    const broken = (tracer: Tracer) =>
      run(tracer, async () => {
        await child(tracer);
        throw new TypeError("wrong answer: 42");
      });

    const within = (carrier: Record<string, string>, work: () => Promise<void>) => {
      const remote = propagators.reduce((c, propagator) => propagator.extract(c, carrier, getter), root);
      return context.with(remote, work);
    };

    const ways: Record<string, [(tracer: Tracer) => Promise<void>, ...spans: string[]]> = {
      "a plain span": [run, "run"],
      "nested spans": [nested, "child", "model", "run"],
      "a span that ends with an error": [broken, "child", "run"],
      "a remote parent that is sampled": [(t) => within(headers("01"), () => nested(t)), "child", "model", "run"],
      "a remote parent that is not sampled": [(t) => within(headers("00"), () => nested(t))],
    };

    test.each(Object.entries(ways))("off: %s sends nothing", async (_, [work]) => {
      const { tracer, names } = await under({ enabled: false });
      await work(tracer);
      expect(await names()).toEqual([]);
      expect(otlp.requests).toEqual([]);
    });

    test.each(Object.entries(ways))("on: %s sends what is expected", async (_, [work, ...spans]) => {
      const { tracer, names } = await under({});
      await work(tracer);
      expect(await names()).toEqual(spans);
      expect(otlp.requests).toEqual(spans.length > 0 ? ["POST /v1/traces"] : []);
    });

    test("on: a trace goes on with its remote parent's id, and an error is in it", async () => {
      const { tracer, sent } = await under({});
      await within(headers("01"), () => broken(tracer));
      const spans = await sent();
      expect(spans.map((span) => span.traceId)).toEqual([TRACE_ID, TRACE_ID]);
      expect(spans.find((span) => span.name === "run")).toMatchObject({
        parentSpanId: "b7ad6b7169203331",
        status: { code: 2, message: "wrong answer: 42" },
        events: [{ name: "exception", attributes: { "exception.message": "wrong answer: 42" } }],
      });
    });

    test("the first span says what was decided, by which rule and by which version", async () => {
      const { tracer, tracing, sent } = await under({});
      await run(tracer, () => child(tracer), { own: 1 });
      const [below, first] = await sent();
      expect(first?.attributes).toEqual({
        own: 1,
        "tracing_toggle.decision": "trace",
        "tracing_toggle.reason": "enabled",
        "tracing_toggle.version": tracing.peek().version,
        "tracing_toggle.capture": "full",
      });
      expect(below?.attributes).toEqual({});
    });

    test("switched off meanwhile: a trace that began is completed, the next is not sent", async () => {
      const { tracer, names, change } = await under({});
      await run(tracer, async () => {
        await change({ enabled: false });
        await child(tracer);
      });
      await run(tracer);
      expect(await names()).toEqual(["child", "run"]);
    });

    test("switched on meanwhile: a trace that was skipped stays so, the next is sent", async () => {
      const { tracer, names, change } = await under({ enabled: false });
      await run(tracer, async () => {
        await change({ enabled: true });
        await child(tracer);
      });
      expect(await names()).toEqual([]);
      await run(tracer);
      expect(await names()).toEqual(["run"]);
    });

    test("off beats the sampled parent of a provider without this sampler", async () => {
      const { tracer, names, change } = await under({ enabled: false });
      const other = start({ url: otlp.url });
      ends.push(() => other.shutdown());
      await run(other.getTracer("other"), () => nested(tracer));
      expect(otlp.requests).toEqual([]);
      await change({ enabled: true });
      await run(other.getTracer("other"), () => nested(tracer));
      expect(await names()).toEqual(["child", "model", "run"]);
    });

    test("a remote parent that is sampled is followed past the sample rate, and no other is", async () => {
      const { tracer, sent } = await under({ sample_rate: 0 });
      await run(tracer);
      expect(await sent()).toEqual([]);
      await within(headers("01"), () => run(tracer));
      expect((await sent()).map((span) => span.attributes["tracing_toggle.reason"])).toEqual(["parent"]);
    });

    test("the trace id is the last key to sample by", async () => {
      const { tracer, tracing, sent } = await under({ sample_rate: 0.5 });
      for (let i = 0; i < 60; i++) await run(tracer);
      const traced = await sent();
      expect(traced.length).toBeGreaterThan(10);
      expect(traced.length).toBeLessThan(50);
      for (const { traceId, attributes } of traced) {
        expect(tracing.peek({ traceId }).trace).toBe(true);
        expect(attributes["tracing_toggle.reason"]).toBe("sampled");
      }
    });

    describe("users", () => {
      const never: Policy = { overrides: { "user-1": [false, null] } };
      const always: Policy = { enabled: false, overrides: { "user-1": [true, null] } };

      test.each(["user.id", "enduser.id"])("by the attribute %s", async (attribute) => {
        const { tracer, names, change } = await under(never);
        await run(tracer, () => child(tracer), { [attribute]: "user-1" });
        expect(await names()).toEqual([]);
        await change(always);
        await run(tracer);
        await run(tracer, () => child(tracer), { [attribute]: "user-1" });
        expect(await names()).toEqual(["child", "run"]);
      });

      test("by the baggage, but the attribute comes first", async () => {
        const { tracer, names } = await under(never);
        const baggage = headers("01", "user.id=user-1,session.id=s");
        await within(baggage, () => run(tracer));
        expect(otlp.requests).toEqual([]);
        await within(baggage, () => run(tracer, () => {}, { "user.id": "user-2" }));
        expect(await names()).toEqual(["run"]);
      });

      test("by a function; when it throws, nothing is sent", async () => {
        const { tracer, names } = await under(always, {
          request: ({ name, attributes }) => {
            if (attributes.broken) throw new Error("broken");
            return { userId: name === "run" ? "user-1" : "user-2" };
          },
        });
        await run(tracer, () => {}, { broken: true });
        await child(tracer);
        expect(otlp.requests).toEqual([]);
        await run(tracer);
        expect(await names()).toEqual(["run"]);
      });

      test.each(["session.id", "gen_ai.conversation.id"])(
        "a session by %s is traced whole or not at all",
        async (attribute) => {
          const { tracer, tracing, sent } = await under({ sample_rate: 0.5 });
          for (let i = 0; i < 20; i++)
            for (let j = 0; j < 2; j++) await run(tracer, () => {}, { [attribute]: `s${i}` });
          const sessions = (await sent()).map((span) => span.attributes[attribute]);
          const expected = Array.from({ length: 20 }, (_, i) => `s${i}`).filter(
            (s) => tracing.peek({ sessionId: s }).trace,
          );
          expect(sessions).toEqual(expected.flatMap((session) => [session, session]));
        },
      );
    });

    test("after a freeze nothing is traced by the old snapshot, and ready() gets the new one", async () => {
      const { tracer, tracing, names } = await under({});
      redis.state.hang = true;
      clock += 3_600_000;
      await run(tracer);
      expect(await names()).toEqual([]);
      redis.state.hang = false;
      clock += 3_600_000;
      await tracing.ready();
      await run(tracer);
      expect(await names()).toEqual(["run"]);
    });

    describe("capture: metadata", () => {
      const content = {
        "gen_ai.prompt": "secret",
        "gen_ai.completion.0.content": "secret",
        "gen_ai.input.messages": "secret",
        "gen_ai.output.messages": "secret",
        "gen_ai.system_instructions": "secret",
        "gen_ai.tool.call.arguments": "secret",
        "input.value": "secret",
        "output.value": "secret",
        "llm.prompts.0": "secret",
        "llm.input_messages.0.message.content": "secret",
        "ai.prompt.messages": ["secret"],
        "ai.response.text": "secret",
        "ai.response.toolCalls": "secret",
        "ai.toolCall.args": "secret",
        "traceloop.entity.input": "secret",
        "traceloop.entity.output": "secret",
        "langfuse.observation.input": "secret",
        "langfuse.trace.output": "secret",
        "mlflow.spanInputs": "secret",
        "vendor.thing.output": "secret",
        "app.question": "secret",
      };
      const metadata = {
        "gen_ai.request.model": "model",
        "gen_ai.operation.name": "chat",
        "gen_ai.prompt.name": "greeting",
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.response.finish_reasons": "stop",
        "llm.token_count.prompt": 5,
        "ai.response.model": "model",
        "ai.response.msToFinish": 3,
        "langfuse.observation.usage_details": '{"input":5,"output":7}',
        "langfuse.observation.cost_details": '{"total":0.1}',
        "langfuse.observation.type": "generation",
        "openinference.span.kind": "LLM",
        "input.mime_type": "text/plain",
        "vendor.input": 5,
        "user.id": "user-1",
      };
      const work = (tracer: Tracer) =>
        run(tracer, () =>
          tracer.startActiveSpan("model", { attributes: metadata }, async (span) => {
            span.setAttributes(content);
            span.addEvent("gen_ai.content.prompt", { "gen_ai.prompt": "secret", content: "secret", id: "1" });
            span.recordException(new TypeError("secret"));
            span.setStatus({ code: 2, message: "secret" });
            span.end();
          }),
        );
      const isContent = (name: string) => name === "app.question";

      test("content is dropped; names, timing, tokens, cost and the kind of an error are kept", async () => {
        const { tracer, sent } = await under({ capture: "metadata" }, { isContent });
        await work(tracer);
        const [model, first] = await sent();
        expect(model?.attributes).toEqual({ ...metadata, "tracing_toggle.capture": "metadata" });
        expect(model?.events).toEqual([
          { name: "gen_ai.content.prompt", attributes: { id: "1" } },
          { name: "exception", attributes: { "exception.type": "TypeError" } },
        ]);
        expect(model?.status).toEqual({ code: 2 });
        expect(model).toMatchObject({ name: "model", parentSpanId: first?.spanId });
        expect(Number(model?.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(model?.startTimeUnixNano));
        expect(Number(model?.startTimeUnixNano)).toBeGreaterThan(1e18);
        expect(JSON.stringify(otlp.spans)).not.toContain("secret");
      });

      test("it holds for the trace, though the policy changes meanwhile", async () => {
        const { tracer, change, sent } = await under({ capture: "metadata" }, { isContent });
        await run(tracer, async () => {
          await change({ capture: "full" });
          await work(tracer);
        });
        expect(JSON.stringify(await sent())).not.toContain("secret");
      });

      test("full: everything is kept", async () => {
        const { tracer, sent } = await under({}, { isContent });
        await work(tracer);
        const [model] = await sent();
        expect(Object.keys(model?.attributes ?? {}).sort()).toEqual(Object.keys({ ...content, ...metadata }).sort());
        expect(model?.status.message).toBe("secret");
      });

      test("a span whose content cannot be told is not sent", async () => {
        const { tracer, names } = await under(
          { capture: "metadata" },
          {
            isContent: (name) => {
              if (name === "app.question") throw new Error("broken");
              return false;
            },
          },
        );
        await work(tracer);
        expect(await names()).toEqual(["run"]);
      });
    });
  });
}
