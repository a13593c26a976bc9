import { RunnableLambda, RunnableSequence } from "@langchain/core/runnables";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { RunTree } from "langsmith";
import { getCurrentRunTree, isTraceableFunction, ROOT, traceable } from "langsmith/traceable";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { withTracingToggle as withLangGraph } from "../../sdk/src/adapters/langgraph.ts";
import { currentDecision, type Gated, withTracingToggle } from "../../sdk/src/adapters/langsmith.ts";
import type { Decision, Request } from "../../sdk/src/index.ts";
import { agent, chain, collect } from "./graphs.ts";
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

const CANARY = "canary-4711";

type AnyFunction = (...args: any[]) => any;
type Wrap = <F extends AnyFunction>(fn: F) => Gated<F>;
const wrap: Wrap = (fn) => withTracingToggle(fn, traces.tracing);
const same: Wrap = (fn) => fn as never;

const helper = traceable(async (text: string) => `help ${text}`, { name: "helper" });
const model = new FakeListChatModel({ responses: [CANARY] });
const countsTokens = traceable(
  async (_: string) => ({ text: CANARY, usage_metadata: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } }),
  { name: "llm", run_type: "llm" },
);

/** Each calls what `wrapped` makes of a function, with the canary. */
const ways: Record<string, (wrapped: Wrap) => Promise<unknown>> = {
  "an async function": (wrapped) => wrapped(traceable(async (text: string) => text, { name: "f" }))(CANARY),
  "a sync function": async (wrapped) => wrapped(traceable((text: string) => text, { name: "f" }))(CANARY),
  "nested functions": (wrapped) =>
    wrapped(traceable(async (text: string) => Promise.all([helper(text), countsTokens(text)]), { name: "outer" }))(
      CANARY,
    ),
  "nested wrapped functions": (wrapped) => {
    const inner = wrapped(traceable(async (text: string) => helper(text), { name: "inner" }));
    return wrapped(traceable(async (text: string) => inner(text), { name: "outer" }))(CANARY);
  },
  "a generator": async (wrapped) => {
    async function* speak(text: string) {
      yield await helper(text);
      yield text;
    }
    await collect(await wrapped(traceable(speak))(CANARY));
  },
  "a generator that is left early": async (wrapped) => {
    async function* speak(text: string) {
      yield await helper(text);
      yield text;
    }
    for await (const _ of await wrapped(traceable(speak))(CANARY)) break;
  },
  "a generator that throws": async (wrapped) => {
    async function* speak(text: string) {
      yield text;
      throw new Error(text);
    }
    await collect(await wrapped(traceable(speak))(CANARY));
  },
  "a promise of a stream": async (wrapped) => {
    const stream = async (text: string) => new Response(text).body?.pipeThrough(new TextDecoderStream());
    await collect((await wrapped(traceable(stream, { name: "stream" }))(CANARY)) as never);
  },
  "a stream as an argument": async (wrapped) => {
    async function* source() {
      yield CANARY;
    }
    const read = traceable(async (input: AsyncIterable<string>) => collect(input), { name: "read" });
    await wrapped(read)(source());
  },
  "a function that throws": (wrapped) =>
    wrapped(
      traceable(
        async (text: string) => {
          await helper(text);
          throw new Error(`broken ${text}`);
        },
        { name: "fails" },
      ),
    )(CANARY),
  "calls at the same time": (wrapped) => {
    const f = wrapped(traceable(async (text: string) => helper(text), { name: "f" }));
    return Promise.all([f(CANARY), f(CANARY), f(CANARY)]);
  },
  "a function with its own client, tracing by its own settings": (wrapped) => {
    const own = { client: traces.client, tracingEnabled: true };
    const inner = traceable(async (text: string) => text, { name: "inner", ...own });
    const untraced = traceable(async (text: string) => inner(text), { name: "between", tracingEnabled: false });
    return wrapped(
      traceable(async (text: string) => Promise.all([inner(text), untraced(text)]), { name: "outer", ...own }),
    )(CANARY);
  },
  "a function that is traced to several projects": (wrapped) => {
    const replicas = [
      { projectName: "one" },
      { projectName: "two", client: traces.client, updates: { inputs: { CANARY } } },
    ];
    const inner = traceable(async (text: string) => text, { name: "inner", replicas });
    return wrapped(traceable(async (text: string) => inner(text), { name: "outer" }))(CANARY);
  },
  "a function that begins at the root": (wrapped) =>
    wrapped(traceable(async (_root: unknown, text: string) => helper(text), { name: "f" }))(ROOT as never, CANARY),
  "a LangChain model": (wrapped) =>
    wrapped(traceable(async (text: string) => model.invoke(text), { name: "f" }))(CANARY),
  "a LangGraph graph": (wrapped) =>
    wrapped(traceable(async (text: string) => collect(agent((graph) => graph).stream({ log: [text] })), { name: "f" }))(
      CANARY,
    ),
};

describe.each(Object.entries(ways))("%s", (_, way) => {
  const shapes = (runs: { id: string; name: string; parent_run_id?: string }[]) =>
    runs
      .map(({ name, parent_run_id }) => `${parent_run_id && runs.find(({ id }) => id === parent_run_id)?.name}/${name}`)
      .sort();

  test("off: nothing is sent", async () => {
    traces.redis.set({ enabled: false });
    expect(await traces.namesOf(() => way(wrap))).toEqual([]);
    expect(traces.langSmith.requests).toEqual([]);
  });

  test("off, without LANGSMITH_TRACING: nothing is sent", async () => {
    vi.stubEnv("LANGSMITH_TRACING", undefined);
    traces.redis.set({ enabled: false });
    expect(await traces.namesOf(() => way(wrap))).toEqual([]);
    expect(traces.langSmith.requests).toEqual([]);
  });

  test("on: the trace is complete", async () => {
    const expected = shapes(await traces.runsOf(() => way(same)));
    expect(expected.length).toBeGreaterThan(0);
    expect(shapes(await traces.runsOf(() => way(wrap)))).toEqual(expected);
    expect(traces.langSmith.bodies.join()).toContain(CANARY);
  });

  test("metadata: the same trace without its content", async () => {
    const expected = shapes(await traces.runsOf(() => way(same)));
    traces.redis.set({ capture: "metadata" });
    expect(shapes(await traces.runsOf(() => way(wrap)))).toEqual(expected);
    expect(traces.langSmith.bodies.join()).not.toContain(CANARY);
    for (const { start_time, end_time } of traces.langSmith.ended.values()) {
      expect([start_time, end_time]).toEqual([expect.anything(), expect.anything()]);
    }
  });
});

test("metadata: tokens, names, tags, metadata and that it failed are kept", async () => {
  traces.redis.set({ capture: "metadata" });
  const fails = traceable(
    async (_: string) => {
      await countsTokens(CANARY);
      throw new TypeError(CANARY);
    },
    { name: "fails", tags: ["tag"], metadata: { session_id: "chat-1" } },
  );
  await traces.runsOf(() => wrap(fails)(CANARY));
  const [run, llm] = ["fails", "llm"].map((name) =>
    [...traces.langSmith.ended.values()].find((each) => each.name === name),
  );
  expect(run).toMatchObject({ tags: ["tag"], inputs: {}, error: "not recorded (capture: metadata)" });
  expect(run?.extra.metadata).toMatchObject({ session_id: "chat-1" });
  const usage_metadata = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
  expect(llm).toMatchObject({ inputs: {}, outputs: { usage_metadata }, extra: { metadata: { usage_metadata } } });
});

describe("the function is the same", () => {
  test.each([true, false])("its results, errors and arguments; tracing %s", async (enabled) => {
    traces.redis.set({ enabled });
    const times = wrap(traceable(async (a: number, b: number) => a * b));
    expect(await times(3, 4)).toBe(12);
    const error = new Error("broken");
    const fails = wrap(
      traceable(() => {
        throw error;
      }),
    );
    await expect((async () => fails())()).rejects.toBe(error);
    expect(isTraceableFunction(fails)).toBe(true);
  });

  test("a run tree as the first argument is the run's parent; off, nothing is sent of it", async () => {
    const parent = new RunTree({ name: "parent", client: traces.client });
    const f = wrap(traceable(async (_tree: RunTree, text: string) => text, { name: "f" }));
    const call = () => f(parent as never, CANARY);
    const [run] = await traces.runsOf(call);
    expect(run).toMatchObject({ name: "f", parent_run_id: parent.id, inputs: { input: CANARY } });
    traces.redis.set({ capture: "metadata" });
    expect((await traces.runsOf(call))[0]).toMatchObject({ name: "f", parent_run_id: parent.id, inputs: {} });
    traces.redis.set({ enabled: false });
    expect(await traces.namesOf(call)).toEqual([]);
  });

  test("an argument that merely looks like LangChain's config is passed on", async () => {
    traces.redis.set({ enabled: false });
    const seen = wrap(traceable(async (settings: { callbacks: string[] }) => settings));
    expect(await seen({ callbacks: ["a"] })).toEqual({ callbacks: ["a"] });
  });

  test("off: another service is not told of a trace that is not sent", async () => {
    traces.redis.set({ enabled: false });
    const headers = wrap(traceable(async () => getCurrentRunTree().toHeaders()));
    expect(await headers()).toEqual({});
  });
});

describe("what is around the wrapped function", () => {
  test("off: a traceable function around it is traced alone, and goes on after it", async () => {
    traces.redis.set({ enabled: false });
    const inner = wrap(traceable(async () => helper("x"), { name: "inner" }));
    const outer = traceable(async () => [await inner(), await helper("y")], { name: "outer" });
    expect(await traces.namesOf(outer)).toEqual(["helper", "outer"]);
  });

  test("metadata: a traceable function around it keeps its content", async () => {
    traces.redis.set({ capture: "metadata" });
    const inner = wrap(traceable(async (text: string) => helper(text), { name: "inner" }));
    const outer = traceable(async (text: string) => [await inner("secret"), await helper(text)], { name: "outer" });
    const runs = await traces.runsOf(() => outer("public"));
    expect(runs.map(({ name, inputs }) => [name, inputs])).toEqual(
      expect.arrayContaining([
        ["outer", { input: "public" }],
        ["inner", {}],
        ["helper", {}],
        ["helper", { input: "public" }],
      ]),
    );
    const { id } = runs.find(({ name }) => name === "outer") as { id: string };
    expect(runs.find(({ name }) => name === "inner")?.parent_run_id).toBe(id);
  });

  test.each(["off", "metadata"])("%s: a LangChain pipe or a graph around it is traced as ever", async (state) => {
    const wrapped = wrap(traceable(async (text: string) => helper(text), { name: "f" }));
    const pipe = () =>
      RunnableSequence.from([
        RunnableLambda.from((text: string) => text),
        RunnableLambda.from(async (text: string) => wrapped(text)),
        RunnableLambda.from(wrapped as never),
        RunnableLambda.from((text: string) => text).withConfig({ runName: "last" }),
      ]).invoke("x");
    const graph = () =>
      chain({ call: async () => ({ log: [await wrapped("x")] }), last: () => ({ log: ["public"] }) })
        .compile()
        .invoke({ log: ["public"] });
    const both = async () => [await pipe(), await graph()];
    const full = await traces.namesOf(both);
    traces.redis.set(state === "off" ? { enabled: false } : { capture: "metadata" });
    const names = await traces.namesOf(both);
    expect(names).toEqual(state === "metadata" ? full : full.filter((name) => name !== "f" && name !== "helper"));
    const last = [...traces.langSmith.ended.values()].find(({ name }) => name === "LangGraph");
    expect(last).toMatchObject({ outputs: { log: ["public", "help x", "public"] }, end_time: expect.anything() });
  });
});

describe("one decision per outermost call", () => {
  const reasons = () => currentDecision()?.reason;

  test.each([true, false])(
    "what it calls inherits it, LangGraph too, though it is switched meanwhile (%s)",
    async (on) => {
      traces.redis.set({ enabled: on });
      const before = traces.decisions();
      const inner = wrap(traceable(async () => reasons()));
      const graph = withLangGraph(
        chain({ node: async () => ({ log: [`${await inner()}`] }) }).compile(),
        traces.tracing,
      );
      const outer = wrap(
        traceable(async () => {
          traces.redis.set({ enabled: !on });
          const all = [reasons(), await inner(), await helper("x").then(reasons)];
          return [...all, ...(await graph.invoke({ log: [] })).log];
        }),
      );
      const reason = on ? "enabled" : "disabled";
      expect(await outer()).toEqual([reason, reason, reason, reason]);
      expect(traces.decisions() - before).toBe(1);
      expect(await inner()).toBe(on ? "disabled" : "enabled");
    },
  );

  test("it inherits that of a wrapped graph around it", async () => {
    const before = traces.decisions();
    const inner = wrap(traceable(async () => reasons()));
    const graph = chain({
      node: async () => {
        traces.redis.set({ enabled: false });
        return { log: [`${await inner()}`] };
      },
    }).compile();
    expect((await withLangGraph(graph, traces.tracing).invoke({ log: [] })).log).toEqual(["enabled"]);
    expect(traces.decisions() - before).toBe(1);
  });

  test("calls beside each other get their own", async () => {
    traces.redis.set({ overrides: { "user-2": [false, null] } });
    const f = wrap(traceable(async (_: { userId: string }) => reasons(), { name: "f" }));
    const users = ["user-1", "user-2", "user-3"];
    const outer = traceable(async () => Promise.all(users.map((userId) => f({ userId }))), { name: "outer" });
    expect(await outer()).toEqual(["enabled", "user_override", "enabled"]);
    expect(await traces.namesOf(outer)).toEqual(["f", "f", "outer"]);
  });
});

describe("whose call it is", () => {
  const asked: Request[] = [];
  const decide = async (request: Request = {}) => {
    asked.push(request);
    return traces.tracing.decide(request);
  };

  test.each([
    [
      { userId: "u", sessionId: "s" },
      { userId: "u", sessionId: "s" },
    ],
    [
      { user_id: "u", session_id: "s" },
      { userId: "u", sessionId: "s" },
    ],
    [{ thread_id: "t" }, { userId: undefined, sessionId: "t" }],
    ["a question", { userId: undefined, sessionId: undefined }],
    [null, { userId: undefined, sessionId: undefined }],
  ])("by default %o is %o", async (argument, request) => {
    await withTracingToggle(
      traceable(async (_: unknown) => {}),
      { decide },
    )(argument);
    expect(asked.pop()).toEqual(request);
  });

  test("or as a function says, of all arguments", async () => {
    const f = traceable(async (_question: string, user: string) => user);
    await withTracingToggle(f, { decide }, { request: (_question, user) => ({ userId: user }) })("q", "user");
    expect(asked.pop()).toEqual({ userId: "user" });
  });
});

test("what the caller's functions throw does not hurt the call; then it is not traced", async () => {
  const broken = () => {
    throw new Error("broken");
  };
  const seen: Decision[] = [];
  const f = traceable(async (text: string) => text, { name: "f" });
  for (const [decide, options] of [
    [broken, {}],
    [() => Promise.reject(new Error("broken")), {}],
    [traces.tracing.decide.bind(traces.tracing), { request: broken }],
  ] as const) {
    const onDecision = (decision: Decision) => {
      seen.push(decision);
      broken();
    };
    const gated = withTracingToggle(f, { decide }, { ...options, onDecision });
    const work = async () => expect(await gated("x")).toBe("x");
    expect(await traces.namesOf(work)).toEqual([]);
  }
  expect(seen.map(({ trace, reason }) => [trace, reason])).toEqual(Array(3).fill([false, "unavailable"]));
});

test("a function that is not traceable is refused when it is wrapped", () => {
  expect(() => wrap(async () => {})).toThrow(new TypeError("tracing-toggle: fn must be a traceable function"));
});
