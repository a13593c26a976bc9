import type { RunnableConfig } from "@langchain/core/runnables";
import { interrupt, MemorySaver } from "@langchain/langgraph";
import { traceable } from "langsmith/traceable";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Graph, withTracingToggle } from "../../sdk/src/adapters/langgraph.ts";
import { agent, chain, collect } from "./graphs.ts";
import { CANARY, Speaker, USAGE } from "./models.ts";
import { startTraces } from "./traces.ts";

let traces: Awaited<ReturnType<typeof startTraces>>;

beforeAll(async () => {
  traces = await startTraces();
});
beforeEach(() => {
  vi.stubEnv("LANGSMITH_TRACING", "true");
  traces.redis.set({ capture: "metadata" });
});
afterEach(() => traces.reset());
afterAll(() => traces.close());

const wrap = <G extends Graph>(graph: G): G => withTracingToggle(graph, traces.tracing);
const input = { log: [CANARY] };
type Agent = ReturnType<typeof agent>;
const bare = () => agent((graph) => graph, new Speaker({}) as never);
const wrapped = () => wrap(agent(wrap, new Speaker({}) as never));

const ways: Record<string, (graph: Agent, config?: RunnableConfig) => Promise<unknown>> = {
  invoke: (graph, config) => graph.invoke(input, config),
  stream: (graph, config) => collect(graph.stream(input, config)),
  "stream of messages": (graph, config) => collect(graph.stream(input, { ...config, streamMode: "messages" })),
  batch: (graph, config) => graph.batch([input, input], config),
  "streamEvents v2": (graph, config) => collect(graph.streamEvents(input, { ...config, version: "v2" })),
  "streamEvents v3": async (graph, config) =>
    collect(
      await (graph.streamEvents(input, { ...config, version: "v3" } as never) as unknown as AsyncIterable<unknown>),
    ),
};

const withoutContent = () => expect(traces.langSmith.bodies.join()).not.toContain(CANARY);

describe.each(Object.entries(ways))("%s", (_, way) => {
  test.each(["the environment's tracer", "the caller's tracer", "both"])(
    "%s sends the same trace without its content",
    async (by) => {
      vi.stubEnv("LANGSMITH_TRACING", by === "the caller's tracer" ? undefined : "true");
      const config = () => (by === "the environment's tracer" ? undefined : { callbacks: [traces.tracer()] });
      const expected = await traces.namesOf(() => way(bare(), config()));
      expect(expected).toEqual(expect.arrayContaining(["LangGraph", "Speaker", "helper", "tool_0"]));
      expect(traces.langSmith.bodies.join()).toContain(CANARY);
      expect(await traces.namesOf(() => way(wrapped(), config()))).toEqual(expected);
      withoutContent();
    },
  );
});

test("results and streams are whole", async () => {
  expect(await wrapped().invoke(input)).toEqual(await bare().invoke(input));
});

test("a bound tracer, a model's own and that of a traceable function around it send no content", async () => {
  const config = { callbacks: [traces.tracer()] };
  const model = new Speaker(config) as never;
  const around = traceable(async () => wrap(agent(wrap, model).withConfig(config) as Agent).invoke(input), {
    name: "around",
    processOutputs: () => ({}),
  });
  expect(await traces.namesOf(around)).toEqual(expect.arrayContaining(["around", "LangGraph", "Speaker"]));
  withoutContent();
  const names = traces.langSmith.runs.map(({ id, name }) => [id, name]);
  const root = traces.langSmith.runs.find(({ name, parent_run_id }) => name === "LangGraph" && parent_run_id);
  expect(names).toContainEqual([root?.parent_run_id, "around"]);
});

test("errors and interrupts: that there was one is kept, its text is not", async () => {
  const asks = chain({ ask: () => ({ log: [interrupt(CANARY) as string] }) });
  const fails = chain({
    fails: () => {
      throw new Error(CANARY);
    },
  });
  const graphs = [asks.compile({ checkpointer: new MemorySaver() }), fails.compile()];
  for (const graph of graphs) {
    const config = { configurable: { thread_id: "thread-1" } };
    await traces.runsOf(() => wrap(graph as never as Agent).invoke({ log: [] }, config));
    expect([...traces.langSmith.ended.values()].filter(({ error }) => error).map(({ error }) => error)).toContain(
      "not recorded (capture: metadata)",
    );
    withoutContent();
  }
});

test("names, times, order, metadata and tokens are kept", async () => {
  await traces.runsOf(() => wrapped().invoke(input, { configurable: { thread_id: "thread-1" }, tags: ["tag"] }));
  const runs = [...traces.langSmith.ended.values()];
  const model = runs.find(({ name }) => name === "Speaker");
  expect(model?.extra.metadata).toMatchObject({ usage_metadata: USAGE, thread_id: "thread-1" });
  expect(runs.find(({ parent_run_id }) => parent_run_id === undefined)).toMatchObject({ tags: ["tag"] });
  for (const run of runs) expect(run).toMatchObject({ start_time: expect.anything(), end_time: expect.anything() });
});
