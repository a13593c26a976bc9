import { CallbackManager } from "@langchain/core/callbacks/manager";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { type RunnableConfig, RunnableSequence } from "@langchain/core/runnables";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Client, RunTree } from "langsmith";
import { traceable } from "langsmith/traceable";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { withTracingToggle } from "../../sdk/src/adapters/langgraph.ts";
import { createTracingToggle, type TracingToggle } from "../../sdk/src/index.ts";
import { agent, chain, collect } from "./graphs.ts";
import { startLangSmith, startRedis } from "./servers.ts";

let langSmith: Awaited<ReturnType<typeof startLangSmith>>;
let redis: Awaited<ReturnType<typeof startRedis>>;
let client: Client;
let tracing: TracingToggle;

beforeAll(async () => {
  [langSmith, redis] = await Promise.all([startLangSmith(), startRedis()]);
  // for the whole file: LangChain makes its default client once
  vi.stubEnv("LANGSMITH_ENDPOINT", langSmith.url);
  vi.stubEnv("LANGSMITH_API_KEY", "key");
  client = new Client();
});

beforeEach(() => {
  tracing = createTracingToggle({
    projectId: "project",
    redis: { url: redis.url, token: "token" },
    api: null,
    maxAgeMs: 0,
    timeoutMs: 5_000,
    logger: null,
  });
});

afterEach(async () => {
  await tracing.close();
  await sent();
  langSmith.forget();
  vi.stubEnv("LANGSMITH_TRACING", undefined);
});

afterAll(async () => {
  await Promise.all([langSmith.close(), redis.close()]);
  vi.unstubAllEnvs();
});

/** Waits until every client has sent what it holds. */
async function sent() {
  await awaitAllCallbacks();
  await Promise.all([client.awaitPendingTraceBatches(), RunTree.getSharedClient().awaitPendingTraceBatches()]);
}

/** The names of the runs that LangSmith receives of `work`. */
async function traceOf(work: () => Promise<unknown>): Promise<string[]> {
  await sent();
  langSmith.forget();
  await work().catch(() => {});
  await sent();
  return langSmith.runs.map((run) => run.name).sort();
}

type Agent = ReturnType<typeof agent>;
const input = { log: ["in"] };

const ways: Record<string, (graph: Agent, config?: RunnableConfig) => Promise<unknown>> = {
  invoke: (graph, config) => graph.invoke(input, config),
  stream: (graph, config) => collect(graph.stream(input, config)),
  batch: (graph, config) => graph.batch([input, input], config),
  "streamEvents v1": (graph, config) => collect(graph.streamEvents(input, { ...config, version: "v1" })),
  "streamEvents v2": (graph, config) => collect(graph.streamEvents(input, { ...config, version: "v2" })),
  "streamEvents v3": async (graph, config) =>
    collect(
      await (graph.streamEvents(input, { ...config, version: "v3" } as never) as unknown as AsyncIterable<unknown>),
    ),
  streamLog: (graph, config) => collect(graph.streamLog(input, config ?? {})),
};

const tracer = () => new LangChainTracer({ client });

interface Source {
  environment?: string;
  config?: () => RunnableConfig;
  bind?: (graph: Agent) => Agent;
  model?: () => FakeListChatModel;
}

const sources: Record<string, Source> = {
  "LANGSMITH_TRACING=true": { environment: "true" },
  "a tracer in the caller's callbacks": { config: () => ({ callbacks: [tracer()] }) },
  "a tracer in the caller's callback manager": {
    environment: "true",
    config: () => {
      const callbacks = new CallbackManager();
      callbacks.addHandler(tracer());
      return { callbacks };
    },
  },
  "a tracer bound by withConfig": { bind: (graph) => graph.withConfig({ callbacks: [tracer()] }) as Agent },
  "a tracer of the model's own": {
    environment: "true",
    model: () => new FakeListChatModel({ responses: ["hello"], callbacks: [tracer()] }),
  },
};

function build(wrapped: boolean, { environment, bind = (graph) => graph, model }: Source): Agent {
  vi.stubEnv("LANGSMITH_TRACING", environment);
  if (!wrapped) return bind(agent((graph) => graph, model?.()));
  const wrap = (graph: Agent) => withTracingToggle(graph, tracing);
  return bind(wrap(agent((graph) => withTracingToggle(graph, tracing), model?.())));
}

describe.each(Object.entries(sources))("%s", (_, source) => {
  test.each(Object.entries(ways))("off: %s sends nothing", async (_, run) => {
    redis.set({ enabled: false });
    const graph = build(true, source);
    expect(await traceOf(() => run(graph, source.config?.()))).toEqual([]);
    expect(langSmith.requests).toEqual([]);
  });

  test("on: the trace is complete", async () => {
    redis.set({ enabled: true });
    const expected = await traceOf(() => build(false, source).invoke(input, source.config?.()));
    expect(expected).toContain("FakeListChatModel");
    expect(await traceOf(() => build(true, source).invoke(input, source.config?.()))).toEqual(expected);
  });
});

test.each(Object.entries(ways))("on: the trace of %s is complete", async (_, run) => {
  redis.set({ enabled: true });
  const source = { environment: "true" };
  const expected = await traceOf(() => run(build(false, source)));
  expect(expected).toEqual(expect.arrayContaining(["LangGraph", "left", "right", "calls", "helper", "tool_0"]));
  expect(await traceOf(() => run(build(true, source)))).toEqual(expected);
});

test("off: a graph that throws sends nothing; on: its trace has the error", async () => {
  vi.stubEnv("LANGSMITH_TRACING", "true");
  const broken = chain({
    fails: () => {
      throw new Error("broken");
    },
  }).compile();
  const graph = withTracingToggle(broken, tracing);
  redis.set({ enabled: false });
  expect(await traceOf(() => graph.invoke(input))).toEqual([]);
  expect(langSmith.requests).toEqual([]);
  redis.set({ enabled: true });
  expect(await traceOf(() => graph.invoke(input))).toEqual(["LangGraph", "__start__", "fails"]);
});

describe.each(["invoke", "stream"])("%s within a traceable function", (way) => {
  const within = (graph: Agent, options: object) =>
    traceable(async () => ways[way]?.(graph), { name: "parent", client, ...options });

  test.each([{}, { tracingEnabled: true }])("off: LangSmith hears of that function alone (%o)", async (options) => {
    redis.set({ enabled: false });
    expect(await traceOf(within(build(true, { environment: "true" }), options))).toEqual(["parent"]);
  });

  test("on: the trace is complete", async () => {
    redis.set({ enabled: true });
    const source = { environment: "true" };
    const expected = await traceOf(within(build(false, source), {}));
    expect(await traceOf(within(build(true, source), {}))).toEqual(expected);
    const parent = langSmith.runs.find((run) => run.name === "parent") as { id?: string };
    expect(langSmith.runs.find((run) => run.name === "LangGraph")?.parent_run_id).toBe(parent.id);
  });
});

test("off: a traced graph or pipe around the wrapped graph is traced alone", async () => {
  redis.set({ enabled: false });
  const graph = build(true, { environment: "true" });
  const outer = chain({ before: () => ({ log: ["b"] }), inner: graph as never }).compile();
  expect(await traceOf(() => outer.invoke(input))).toEqual(["LangGraph", "__start__", "before", "inner"]);
  for (const way of ["invoke", "stream"] as const) {
    const pipe = RunnableSequence.from([(log: object) => log, graph as never]);
    const names = await traceOf(() => ways[way]?.(pipe as never) as Promise<unknown>);
    expect(names).toEqual(["RunnableLambda", "RunnableSequence"]);
  }
});

test.each(["invoke", "stream", "batch", "streamEvents v2"])(
  "off: what was made of the wrapped graph sends nothing: %s",
  async (way) => {
    redis.set({ enabled: false });
    const graph = build(true, { environment: "true" });
    const made = [
      graph.pipe((log: object) => log),
      graph.withRetry(),
      graph.pick("log"),
      graph.assign({ more: () => 1 }),
    ];
    for (const runnable of made)
      expect(await traceOf(() => ways[way]?.(runnable as never) as Promise<unknown>)).toEqual([]);
    expect(langSmith.requests).toEqual([]);
  },
);

describe("the tracer's callbacks given to the adapter", () => {
  const build = (callbacks: LangChainTracer[]) => {
    const inner = <G extends Parameters<typeof withTracingToggle>[0]>(graph: G) =>
      withTracingToggle(graph, tracing, { callbacks });
    return inner(agent(inner));
  };

  test("on: they receive the complete trace, once, also without LANGSMITH_TRACING", async () => {
    redis.set({ enabled: true });
    const expected = await traceOf(() => agent((graph) => graph).invoke(input, { callbacks: [tracer()] }));
    expect(expected.length).toBeGreaterThan(20);
    expect(await traceOf(() => build([tracer()]).invoke(input))).toEqual(expected);
    vi.stubEnv("LANGSMITH_TRACING", "true");
    expect(await traceOf(() => build([tracer()]).invoke(input))).toEqual(expected);
  });

  test("off: they receive nothing, also when the caller passes them too", async () => {
    redis.set({ enabled: false });
    const callbacks = [tracer()];
    const graph = build(callbacks);
    expect(await traceOf(() => graph.invoke(input))).toEqual([]);
    expect(await traceOf(() => graph.invoke(input, { callbacks }))).toEqual([]);
    expect(langSmith.requests).toEqual([]);
  });
});

test("a trace says nothing of the decision", async () => {
  redis.set({ enabled: true });
  vi.stubEnv("LANGSMITH_TRACING", "true");
  await traceOf(() =>
    withTracingToggle(
      agent((graph) => graph),
      tracing,
    ).invoke(input, { configurable: { user_id: "u" } }),
  );
  expect(langSmith.runs.length).toBeGreaterThan(20);
  expect(JSON.stringify(langSmith.runs)).not.toMatch(/tracing.?toggle/);
});
