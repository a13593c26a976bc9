import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { CallbackManager } from "@langchain/core/callbacks/manager";
import { Document } from "@langchain/core/documents";
import { type AIMessage, HumanMessage, type ToolMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { StringPromptValue } from "@langchain/core/prompt_values";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import {
  type Runnable,
  RunnableBranch,
  type RunnableConfig,
  RunnableLambda,
  RunnableMap,
  RunnablePassthrough,
  RunnableSequence,
} from "@langchain/core/runnables";
import { DynamicTool, tool } from "@langchain/core/tools";
import { BaseTracer } from "@langchain/core/tracers/base";
import { FakeLLM, FakeRetriever } from "@langchain/core/utils/testing";
import { createAgent } from "langchain";
import { traceable } from "langsmith/traceable";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { currentDecision, type Invocable, withTracingToggle } from "../../sdk/src/adapters/langchain.ts";
import type { Decision, Request } from "../../sdk/src/index.ts";
import { collect } from "./graphs.ts";
import { CANARY, Speaker, USAGE } from "./models.ts";
import { startTraces } from "./traces.ts";

let traces: Awaited<ReturnType<typeof startTraces>>;

beforeAll(async () => {
  traces = await startTraces();
});
beforeEach(() => {
  vi.stubEnv("LANGSMITH_TRACING", "true");
});
afterEach(() => traces.reset());
afterAll(() => traces.close());

const wrap = <R extends Invocable>(runnable: R): R => withTracingToggle(runnable, traces.tracing);

const speaker = (callbacks?: RunnableConfig["callbacks"]) => new Speaker({ callbacks });
const prompt = () =>
  ChatPromptTemplate.fromMessages([
    ["system", CANARY],
    ["human", "{question}"],
  ]);
const pipe = (model = speaker()) => prompt().pipe(model).pipe(new StringOutputParser());
const question = { question: CANARY };

const schema = { type: "object", properties: { word: { type: "string" } } } as const;
const lookUp = () =>
  tool(async ({ word }: { word: string }) => `found ${word}`, {
    name: "look_up",
    description: "looks a word up",
    schema,
  } as never);
const helper = traceable(async (text: string) => `help ${text}`, { name: "helper" });

/** What can be wrapped, each with its input. */
const runnables: Record<string, [() => Runnable<any, any>, unknown]> = {
  "a chain": [pipe, question],
  "a model": [() => speaker() as never, CANARY],
  "a model with tools": [() => speaker().bindTools([lookUp()]) as never, CANARY],
  "a model that answers in a structure": [
    () => speaker().withStructuredOutput({ title: "look_up", ...schema }) as never,
    CANARY,
  ],
  "a completion model": [() => new FakeLLM({ response: CANARY }) as never, CANARY],
  "a tool": [
    () => new DynamicTool({ name: "t", description: "", func: async (text) => `found ${text}` }) as never,
    CANARY,
  ],
  "a retriever": [() => new FakeRetriever({ output: [new Document({ pageContent: CANARY })] }) as never, CANARY],
  "a function that calls others": [
    () =>
      RunnableLambda.from(async (text: string) => {
        await speaker().invoke(text, { callbacks: [] });
        await collect(pipe().stream({ question: text }));
        return helper(text);
      }) as never,
    CANARY,
  ],
  "parallel branches": [
    () => RunnableMap.from({ one: pipe(), two: RunnablePassthrough.assign({ three: () => CANARY }) }) as never,
    question,
  ],
  "a branch": [() => RunnableBranch.from([[() => true, pipe()], pipe()]) as never, question],
  "with retries": [() => pipe().withRetry() as never, question],
  "with fallbacks": [
    () => RunnableLambda.from(() => Promise.reject(new Error(CANARY))).withFallbacks([pipe() as never]) as never,
    question,
  ],
  "with listeners": [() => pipe().withListeners({ onStart: () => {} }) as never, question],
  "an agent": [
    () => createAgent({ model: speaker(), tools: [lookUp()] }) as never,
    { messages: [new HumanMessage(CANARY)] },
  ],
  "a chain that throws": [
    () =>
      pipe().pipe(() => {
        throw new Error(`broken ${CANARY}`);
      }) as never,
    question,
  ],
};

type Way = (runnable: Runnable, input: unknown, config?: RunnableConfig) => Promise<unknown>;

const ways: Record<string, Way> = {
  invoke: (runnable, input, config) => runnable.invoke(input, config),
  stream: async (runnable, input, config) => collect(runnable.stream(input, config)),
  batch: async (runnable, input, config) => runnable.batch([input, input], config),
  transform: async (runnable, input, config) => {
    async function* inputs() {
      yield input;
    }
    await collect(runnable.transform(inputs(), config ?? {}));
  },
  "streamEvents v1": (runnable, input, config) => collect(runnable.streamEvents(input, { ...config, version: "v1" })),
  "streamEvents v2": (runnable, input, config) => collect(runnable.streamEvents(input, { ...config, version: "v2" })),
  streamLog: (runnable, input, config) => collect(runnable.streamLog(input, config ?? {})),
};

describe.each(Object.entries(runnables))("%s", (name, [build, input]) => {
  // `createAgent`'s is no Runnable and has fewer methods
  const its = Object.entries(ways).filter(([way]) => name !== "an agent" || /invoke|stream$|streamEvents/.test(way));

  test.each(its)("off: %s sends nothing", async (_, way) => {
    traces.redis.set({ enabled: false });
    expect(await traces.namesOf(() => way(wrap(build()), input))).toEqual([]);
    expect(traces.langSmith.requests).toEqual([]);
  });

  test.each(its)("on: the trace of %s is complete, with metadata alone without its content", async (_, way) => {
    const expected = await traces.namesOf(() => way(build(), input));
    expect(expected.length).toBeGreaterThan(0);
    expect(traces.langSmith.bodies.join()).toContain(CANARY);
    expect(await traces.namesOf(() => way(wrap(build()), input))).toEqual(expected);
    expect(traces.langSmith.bodies.join()).toContain(CANARY);
    traces.redis.set({ capture: "metadata" });
    expect(await traces.namesOf(() => way(wrap(build()), input))).toEqual(expected);
    expect(traces.langSmith.bodies.join()).not.toContain(CANARY);
  });
});

describe("where a tracer may come from", () => {
  const inManager = () => {
    const manager = new CallbackManager();
    manager.addHandler(traces.tracer());
    return manager;
  };
  const sources: Record<string, () => [Runnable, RunnableConfig?]> = {
    "the caller's callbacks": () => [wrap(pipe()), { callbacks: [traces.tracer()] }],
    "the caller's callback manager": () => [wrap(pipe()), { callbacks: inManager() }],
    "callbacks bound before": () => [wrap(pipe().withConfig({ callbacks: [traces.tracer()] }))],
    "callbacks bound after": () => [wrap(pipe()).withConfig({ callbacks: [traces.tracer()] })],
    "a callback manager bound before": () => [wrap(pipe().withConfig({ callbacks: inManager() }))],
    "callbacks bound, and those of the caller": () => [
      wrap(pipe().withConfig({ callbacks: inManager() })),
      { callbacks: inManager() },
    ],
    "a model's own": () => [wrap(pipe(speaker([traces.tracer()])))],
    "the wrapped model's own": () => [prompt().pipe(wrap(speaker([traces.tracer()])))],
    "callbacks bound to a step": () => [
      wrap(RunnableSequence.from([prompt(), speaker().withConfig({ callbacks: [traces.tracer()] })])),
    ],
    "callbacks given to a call inside": () => [
      wrap(RunnableLambda.from(async () => speaker().invoke(CANARY, { callbacks: [traces.tracer()] }))),
    ],
    "a traceable function around it": () => {
      const chain = wrap(pipe());
      return [RunnableLambda.from(traceable(async () => chain.invoke(question), { name: "around" }) as never)];
    },
  };

  describe.each(Object.entries(sources))("%s", (name, source) => {
    const outside = ["around", "ChatPromptTemplate", "RunnableLambda", "RunnableSequence"];

    test.each(["true", undefined])("off: nothing is sent; LANGSMITH_TRACING=%s", async (environment) => {
      vi.stubEnv("LANGSMITH_TRACING", environment);
      traces.redis.set({ enabled: false });
      for (const way of ["invoke", "stream", "batch"] as const) {
        const [runnable, config] = source();
        const names = await traces.namesOf(() => ways[way]?.(runnable, question, config));
        if (!/around|the wrapped model's/.test(name)) expect(traces.langSmith.requests).toEqual([]);
        expect(names.filter((each) => !outside.includes(each))).toEqual([]);
      }
    });

    test.each(["true", undefined])("metadata: no content is sent; LANGSMITH_TRACING=%s", async (environment) => {
      vi.stubEnv("LANGSMITH_TRACING", environment);
      traces.redis.set({ capture: "metadata" });
      for (const way of ["invoke", "stream", "batch"] as const) {
        const [runnable, config] = source();
        const names = await traces.namesOf(() => ways[way]?.(runnable, question, config));
        if (environment) expect(names).toContain("Speaker");
        const inside = [...traces.langSmith.ended.values()].filter((run) => !outside.includes(run.name));
        expect(JSON.stringify(inside)).not.toContain(CANARY);
        if (!/around|the wrapped model's/.test(name)) expect(traces.langSmith.bodies.join()).not.toContain(CANARY);
      }
    });
  });
});

test("a model's other methods are decided too", async () => {
  const calls: ((model: Speaker) => Promise<unknown>)[] = [
    (model) => model.generate([[new HumanMessage(CANARY)]]),
    (model) => model.generate([[new HumanMessage(CANARY)]], {}, [traces.tracer()]),
    (model) => model.generate([[new HumanMessage(CANARY)]], { callbacks: [traces.tracer()] }),
    (model) => model.generatePrompt([new StringPromptValue(CANARY)]),
    (model) => model.bindTools([lookUp()]).invoke(CANARY),
    (model) => model.withStructuredOutput({ title: "look_up", ...schema }).invoke(CANARY),
    (model) => model.pipe(new StringOutputParser()).invoke(CANARY),
  ];
  for (const call of calls) {
    traces.redis.set({ enabled: true, capture: "full" });
    expect(await traces.namesOf(() => call(wrap(speaker())))).toContain("Speaker");
    traces.redis.set({ capture: "metadata" });
    expect(await traces.namesOf(() => call(wrap(speaker())))).toContain("Speaker");
    expect(traces.langSmith.bodies.join()).not.toContain(CANARY);
    traces.redis.set({ enabled: false });
    expect(await traces.namesOf(() => call(wrap(speaker())))).toEqual([]);
    expect(traces.langSmith.requests).toEqual([]);
  }
});

test.each([true, false])("the events of a chat model by itself are as ever, and have no run (%s)", async (enabled) => {
  traces.redis.set({ enabled });
  const work = async () => expect(await wrap(speaker()).streamEvents(CANARY).text).toBe(`answer ${CANARY}!`);
  expect(await traces.namesOf(work)).toEqual([]);
  await work();
});

test("a tool's deprecated call is decided too, and a tool call's id is passed on", async () => {
  traces.redis.set({ enabled: false });
  const it = wrap(new DynamicTool({ name: "t", description: "", func: async (text) => text }));
  const call = (it as unknown as { call(text: string, callbacks: unknown): Promise<string> }).call;
  expect(await traces.namesOf(() => call(CANARY, [traces.tracer()]))).toEqual([]);
  const answer = await wrap(lookUp()).invoke({ type: "tool_call", id: "call-1", name: "look_up", args: { word: "w" } });
  expect(answer as unknown as ToolMessage).toMatchObject({ tool_call_id: "call-1", content: "found w" });
});

test("metadata: names, times, tags, metadata, tokens and that it failed are kept", async () => {
  traces.redis.set({ capture: "metadata" });
  const config = { tags: ["tag"], metadata: { note: "kept" }, configurable: { thread_id: "thread-1" } };
  const broken = pipe().pipe(() => {
    throw new Error(CANARY);
  });
  await traces.runsOf(() => wrap(broken).invoke(question, config));
  const runs = [...traces.langSmith.ended.values()];
  const root = runs.find((run) => run.parent_run_id === undefined);
  expect(root).toMatchObject({ name: "RunnableSequence", tags: ["tag"], inputs: {} });
  expect(root?.extra.metadata).toMatchObject({ note: "kept", thread_id: "thread-1" });
  expect(root?.error).toBe("not recorded (capture: metadata)");
  const model = runs.find((run) => run.name === "Speaker");
  expect(model).toMatchObject({ inputs: {}, outputs: { llmOutput: { tokenUsage: { totalTokens: 7 } } } });
  expect(model?.extra.metadata).toMatchObject({ usage_metadata: USAGE, ls_model_type: "chat" });
  for (const { start_time, end_time } of runs) expect([start_time, end_time]).not.toContain(undefined);
});

describe("the tracer's callbacks given to the adapter", () => {
  const calls: [string, unknown[]][] = [];
  class Handler extends BaseCallbackHandler {
    name = "of another product";
  }
  const methods = [
    ...["LLMStart", "ChatModelStart", "LLMNewToken", "LLMEnd", "LLMError", "ChainStart", "ChainEnd", "ChainError"],
    ...["ToolStart", "ToolEnd", "ToolError", "RetrieverStart", "RetrieverEnd", "RetrieverError", "Text", "CustomEvent"],
  ].map((name) => `handle${name}`);
  for (const method of methods) {
    Object.assign(Handler.prototype, { [method]: (...args: unknown[]) => void calls.push([method, args]) });
  }
  class Tracer extends BaseTracer {
    name = "of yet another product";
    async persistRun(run: unknown) {
      calls.push(["persistRun", [run]]);
    }
  }

  const heardOf = async (build: () => Runnable, input: unknown, way: Way = ways.invoke as Way) => {
    calls.length = 0;
    const runnable = withTracingToggle(build(), traces.tracing, { callbacks: [new Handler(), new Tracer()] });
    await traces.runsOf(() => way(runnable, input));
    return calls.map(([method]) => method).sort();
  };

  beforeEach(() => {
    vi.stubEnv("LANGSMITH_TRACING", undefined);
  });

  test.each(Object.entries(runnables))("%s: all, nothing, or nothing of the content", async (_, [build, input]) => {
    for (const way of [ways.invoke, ways.stream] as Way[]) {
      const full = await heardOf(build, input, way);
      expect(full).toContain("persistRun");
      expect(JSON.stringify(calls)).toContain(CANARY);
      traces.redis.set({ capture: "metadata" });
      expect(await heardOf(build, input, way)).toEqual(full);
      const text = JSON.stringify(calls, (_key, value) => (value instanceof Error ? `${value.stack}` : value));
      expect(text).not.toContain(CANARY);
      traces.redis.set({ enabled: false });
      expect(await heardOf(build, input, way)).toEqual([]);
      traces.redis.set({ enabled: true, capture: "full" });
    }
  });

  test("metadata: models, tokens, roles and names are told", async () => {
    traces.redis.set({ capture: "metadata" });
    await heardOf(pipe, question);
    const argumentsOf = (name: string) => calls.find(([method]) => method === name)?.[1];
    const [llm, messages, , , extra] = argumentsOf("handleChatModelStart") as [
      { id: string[] },
      HumanMessage[][],
      string,
      string,
      object,
    ];
    expect(llm.id.at(-1)).toBe("Speaker");
    expect(messages[0]?.map(({ type }) => type)).toEqual(["system", "human"]);
    expect(extra).toEqual({ invocation_params: { model: "speaker-1", temperature: 0.5 } });
    const [{ generations, llmOutput }] = argumentsOf("handleLLMEnd") as [
      { generations: { message: AIMessage }[][]; llmOutput: object },
    ];
    expect(generations[0]?.[0]?.message).toMatchObject({ usage_metadata: USAGE, content: "" });
    expect(generations[0]?.[0]?.message.response_metadata).toEqual({
      model_name: "speaker-1",
      tokenUsage: { totalTokens: 7 },
    });
    expect(llmOutput).toEqual({ tokenUsage: { totalTokens: 7 } });
  });

  test("the caller's own callbacks are told everything, whatever is decided", async () => {
    for (const policy of [{ enabled: false }, { enabled: true, capture: "metadata" }]) {
      traces.redis.set(policy);
      calls.length = 0;
      expect(await wrap(pipe()).invoke(question, { callbacks: [new Handler()] })).toBe(`answer ${CANARY}`);
      expect(calls.map(([method]) => method)).toEqual(
        expect.arrayContaining(["handleChainStart", "handleChatModelStart", "handleLLMEnd", "handleChainEnd"]),
      );
      expect(JSON.stringify(calls)).toContain(CANARY);
    }
  });
});

describe.each([{ enabled: true, capture: "full" }, { enabled: true, capture: "metadata" }, { enabled: false }])(
  "the same as the bare Runnable, with %o",
  (policy) => {
    beforeEach(() => traces.redis.set(policy));

    test("results, streams and events", async () => {
      expect(await wrap(pipe()).invoke(question)).toBe(await pipe().invoke(question));
      expect(await collect(wrap(pipe()).stream(question))).toEqual(await collect(pipe().stream(question)));
      expect(await wrap(pipe()).batch([question, question])).toEqual(await pipe().batch([question, question]));
      const events = async (chain: Runnable) =>
        (await collect(chain.streamEvents(question, { version: "v2" }))).map(({ event, name }) => `${event} ${name}`);
      expect(await events(wrap(pipe()))).toEqual(await events(pipe()));
      const [build, input] = runnables["an agent"] as [() => Runnable<any, any>, unknown];
      const contents = ({ messages }: { messages: AIMessage[] }) =>
        messages.map(({ type, content }) => [type, content]);
      expect(contents(await wrap(build()).invoke(input))).toEqual(contents(await build().invoke(input)));
    });

    test("errors are the very same objects", async () => {
      const error = new Error("broken");
      const fails = () =>
        RunnableLambda.from(() => {
          throw error;
        });
      await expect(wrap(fails()).invoke("")).rejects.toBe(error);
      await expect(collect(wrap(fails()).stream(""))).rejects.toBe(error);
      await expect(wrap(fails()).batch([""])).rejects.toBe(error);
      expect(await wrap(fails()).batch([""], {}, { returnExceptions: true })).toEqual([error]);
      await expect(collect(wrap(fails()).streamEvents("", { version: "v2" }))).rejects.toBe(error);
    });

    test("what an agent offers besides", async () => {
      const bare = createAgent({ model: speaker(), tools: [lookUp()] });
      const agent = wrap(bare);
      expect(agent.graph).toBe(bare.graph);
      expect(await agent.drawMermaid()).toBe(await bare.drawMermaid());
      expect(agent.options).toBe(bare.options);
      expect(agent).toBeInstanceOf(bare.constructor);
    });
  },
);

describe("one decision per root run", () => {
  const reasons = () => currentDecision()?.reason;

  test.each([true, false])("what runs inside inherits it, though it is switched meanwhile (%s)", async (on) => {
    traces.redis.set({ enabled: on });
    const before = traces.decisions();
    const inner = wrap(RunnableLambda.from(async () => reasons()));
    const outer = wrap(
      RunnableLambda.from(async () => {
        traces.redis.set({ enabled: !on });
        return [reasons(), await inner.invoke(""), await RunnableLambda.from(() => inner).invoke("")];
      }),
    );
    const reason = on ? "enabled" : "disabled";
    expect(await outer.invoke("")).toEqual([reason, reason, reason]);
    expect(traces.decisions() - before).toBe(1);
    expect(await inner.invoke("")).toBe(on ? "disabled" : "enabled");
  });

  test("retries share it, and each of a batch has its own", async () => {
    let attempts = 0;
    const flaky = wrap(
      RunnableLambda.from(() => {
        if (attempts++ === 0) throw new Error("once");
        return reasons();
      }),
    );
    const before = traces.decisions();
    expect(await flaky.withRetry().invoke("")).toBe("enabled");
    expect(traces.decisions() - before).toBe(1);

    traces.redis.set({ overrides: { "user-2": [false, null] } });
    const chain = pipe().pipe(() => reasons());
    const configs = ["user-1", "user-2", "user-3"].map((user_id) => ({ configurable: { user_id } }));
    const work = async () =>
      expect(
        await wrap(chain.withConfig({ callbacks: [traces.tracer()] })).batch([question, question, question], configs),
      ).toEqual(["enabled", "user_override", "enabled"]);
    expect((await traces.namesOf(work)).filter((name) => name === "Speaker")).toHaveLength(2);
  });
});

describe("whose run it is", () => {
  const asked: Request[] = [];
  const decide = async (request: Request = {}) => {
    asked.push(request);
    return traces.tracing.decide(request);
  };
  const chain = () => withTracingToggle(pipe(), { decide });

  test("by default the config's user_id and thread_id, also when they were bound and the chain piped on", async () => {
    const configurable = { user_id: "u", thread_id: "t" };
    const expected = { userId: "u", sessionId: "t" };
    await chain().invoke(question, { configurable });
    expect(asked.pop()).toEqual(expected);
    const bound = chain().withConfig({ configurable });
    for (const runnable of [bound, bound.pipe((text: string) => text), bound.withRetry().pick("x")]) {
      await runnable.invoke(question);
      expect(asked.pop()).toEqual(expected);
    }
  });

  test("or as a function says, of input and config", async () => {
    const options = { request: (input: unknown) => ({ userId: (input as typeof question).question }) };
    await withTracingToggle(pipe(), { decide }, options).invoke(question);
    expect(asked.pop()).toEqual({ userId: CANARY });
  });
});

test("what the caller's functions throw does not hurt the run; then it is not traced", async () => {
  const broken = () => {
    throw new Error("broken");
  };
  const seen: Decision[] = [];
  const onDecision = (decision: Decision) => {
    seen.push(decision);
    broken();
  };
  const work = async () => {
    await withTracingToggle(pipe(), { decide: broken }, { onDecision }).invoke(question);
    await withTracingToggle(pipe(), traces.tracing, { request: broken, onDecision }).invoke(question);
  };
  expect(await traces.namesOf(work)).toEqual([]);
  expect(seen).toMatchObject(Array(2).fill({ trace: false, reason: "unavailable" }));
});
