import { RunnableLambda } from "@langchain/core/runnables";
import { DynamicTool } from "@langchain/core/tools";
import { Command, entrypoint, interrupt, MemorySaver, START, StateGraph, task } from "@langchain/langgraph";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { currentDecision, type Graph, withTracingToggle } from "../../sdk/src/adapters/langgraph.ts";
import {
  createTracingToggle,
  type Decision,
  type Request,
  type TracingToggle,
  type TracingToggleOptions,
} from "../../sdk/src/index.ts";
import { chain, collect, type Log, leaf, State } from "./graphs.ts";
import { startRedis } from "./servers.ts";

let redis: Awaited<ReturnType<typeof startRedis>>;
let tracing: TracingToggle;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.close());

const connect = (options?: TracingToggleOptions) =>
  createTracingToggle({
    projectId: "project",
    redis: { url: redis.url, token: "token" },
    api: null,
    maxAgeMs: 0, // every decision is asked for
    timeoutMs: 5_000,
    logger: null,
    ...options,
  });

beforeEach(() => {
  redis.set({ enabled: true, overrides: {} });
  tracing = connect();
});

afterEach(() => tracing.close());

const input = { log: [] };
const wrap = <G extends Graph>(graph: G) => withTracingToggle(graph, tracing);
const decisions = () => tracing.stats().decisions;
const note = (name: string) => ({ log: [`${name}: ${currentDecision()?.reason}`] });

describe("one decision per root run, though it is switched meanwhile", () => {
  const inner = () => wrap(chain({ inner: () => note("inner") }).compile());
  const toggle = () => {
    redis.set({ enabled: false });
    return {};
  };

  test.each([true, false])(
    "wrapped graphs as nodes, in nodes, in tools and in parallel branches inherit it (%s)",
    async (on) => {
      redis.set({ enabled: on });
      const tool = new DynamicTool({
        name: "tool",
        description: "runs a graph",
        func: async () => (await inner().invoke(input)).log.join(),
      });
      const lambda = RunnableLambda.from(async () => (await inner().invoke(input)).log.join());
      const graph = wrap(
        new StateGraph(State)
          .addNode("toggle", () => {
            redis.set({ enabled: !on });
            return {};
          })
          .addNode("left", inner())
          .addNode("right", async () => note("right"))
          .addNode("calls", async () => ({
            log: [
              await tool.invoke("t"),
              await lambda.invoke("l"),
              ...(await inner().invoke(input)).log,
              ...(await inner().invoke(input, { configurable: { thread_id: "another" } })).log,
              ...(await inner().batch([input, input])).flatMap(({ log }) => log),
            ],
          }))
          .addEdge(START, "toggle")
          .addEdge("toggle", "left")
          .addEdge("toggle", "right")
          .addEdge(["left", "right"], "calls")
          .compile(),
      );
      const reason = on ? "enabled" : "disabled";
      const { log } = await graph.invoke(input);
      expect(log.sort()).toEqual([...Array(7).fill(`inner: ${reason}`), `right: ${reason}`]);
      expect(decisions()).toBe(1);
      expect((await inner().invoke(input)).log).toEqual([`inner: ${on ? "disabled" : "enabled"}`]);
    },
  );

  test("a stream keeps it to its end", async () => {
    const graph = wrap(chain({ toggle, after: () => note("after") }).compile());
    const chunks = await collect(graph.stream(input, { streamMode: "updates" }));
    expect(chunks.at(-1)).toEqual({ after: { log: ["after: enabled"] } });
    expect(decisions()).toBe(1);
  });

  test("tasks of the functional API inherit it", async () => {
    const step = task("step", async () => currentDecision()?.reason);
    const graph = wrap(
      entrypoint("flow", async (_: string) => {
        const first = await step();
        toggle();
        return [first, await step(), (await inner().invoke(input)).log[0]];
      }),
    );
    expect(await graph.invoke("go")).toEqual(["enabled", "enabled", "inner: enabled"]);
    expect(decisions()).toBe(1);
  });
});

describe("each root run gets its own", () => {
  const seen = () => wrap(chain({ node: () => note("node") }).compile());

  test("also those of a batch", async () => {
    redis.set({ overrides: { "user-2": [false, null] } });
    const configs = ["user-1", "user-2", "user-3"].map((user_id) => ({ configurable: { user_id } }));
    const results = await seen().batch([input, input, input], configs);
    expect(results.map(({ log }) => log[0])).toEqual(["node: enabled", "node: user_override", "node: enabled"]);
    expect(decisions()).toBe(3);
  });

  test("also runs at the same time, and a run that resumes an interrupted one", async () => {
    const asks = chain({
      ask: () => ({ log: [`${interrupt("who?")} ${note("ask").log}`] }),
    }).compile({ checkpointer: new MemorySaver() });
    const graph = wrap(asks);
    const config = { configurable: { thread_id: "thread" } };
    expect(await graph.invoke(input, config)).toHaveProperty("__interrupt__");
    redis.set({ enabled: false });
    expect((await graph.invoke(new Command({ resume: "me" }), config)).log).toEqual(["me ask: disabled"]);
    expect(decisions()).toBe(2);
    await Promise.all([seen().invoke(input), seen().invoke(input)]);
    expect(decisions()).toBe(4);
  });

  test("wherever the wrapped graph was bound, piped or configured", async () => {
    const bound = seen().withConfig({ tags: ["bound"] });
    for (const graph of [
      bound,
      bound.withConfig({ tags: ["twice"] }),
      seen().pipe(({ log }: Log) => ({ log })),
      seen().withRetry(),
    ]) {
      expect((await graph.invoke(input)).log).toEqual(["node: enabled"]);
    }
    expect(decisions()).toBe(4);
  });
});

test("there is no decision outside of a wrapped graph, and the node's config has it inside", async () => {
  const read = chain({ read: (_, config) => ({ log: [`${currentDecision(config)?.version}`] }) }).compile();
  expect((await read.invoke(input)).log).toEqual(["undefined"]);
  expect(currentDecision()).toBeUndefined();
  expect((await wrap(read).invoke(input)).log[0]).toMatch(/^\d+$/);
});

describe("whose run it is", () => {
  const asked: Request[] = [];
  const decide = async (request: Request = {}) => {
    asked.push(request);
    return tracing.decide(request);
  };

  test.each([
    [
      { user_id: "u", thread_id: "t" },
      { userId: "u", sessionId: "t" },
    ],
    [{ userId: 7 }, { userId: 7, sessionId: undefined }],
    [{}, { userId: undefined, sessionId: undefined }],
  ])("by default %o is %o", async (configurable, request) => {
    await withTracingToggle(leaf(), { decide }).invoke(input, { configurable });
    expect(asked.pop()).toEqual(request);
  });

  test("also when the ids were bound, or come from a graph around it", async () => {
    const graph = withTracingToggle(leaf(), { decide });
    await graph.withConfig({ configurable: { user_id: "bound" } }).invoke(input);
    expect(asked.pop()?.userId).toBe("bound");
    const outer = chain({ call: async () => (await graph.invoke(input)) && {} }).compile();
    await outer.invoke(input, { configurable: { user_id: "outer" } });
    expect(asked.pop()?.userId).toBe("outer");
  });

  test("or as a function says, of input and config", async () => {
    const graph = withTracingToggle(
      leaf(),
      { decide },
      {
        request: (given, { metadata }) => ({ userId: (given as Log).log[0], sessionId: metadata?.session as string }),
      },
    );
    await graph.invoke({ log: ["user"] }, { metadata: { session: "s" } });
    expect(asked.pop()).toEqual({ userId: "user", sessionId: "s" });
  });
});

describe("a decision in trouble does not hurt the run", () => {
  const outcome = async (toggle: Pick<TracingToggle, "decide">, options = {}) => {
    const seen: Decision[] = [];
    const graph = withTracingToggle(leaf(), toggle, { onDecision: (decision) => seen.push(decision), ...options });
    expect((await graph.invoke(input)).log).toEqual(["hello"]);
    return seen;
  };

  test("Redis does not answer", async () => {
    redis.state.hang = true;
    const impatient = connect({ timeoutMs: 20 });
    expect(await outcome(impatient)).toMatchObject([{ trace: true, reason: "unavailable", source: "fallback" }]);
    redis.state.hang = false;
    await impatient.close();
  });

  test("the decision or the caller's functions throw: the run is not traced", async () => {
    const broken = () => {
      throw new Error("broken");
    };
    const off = [{ trace: false, reason: "unavailable" }];
    expect(await outcome({ decide: broken })).toMatchObject(off);
    expect(await outcome({ decide: () => Promise.reject(new Error("broken")) })).toMatchObject(off);
    expect(await outcome(tracing, { request: broken })).toMatchObject(off);
    await outcome(tracing, { onDecision: broken });
  });
});
