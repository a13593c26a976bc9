import { once } from "node:events";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { CallbackManager } from "@langchain/core/callbacks/manager";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { type Runnable, type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import {
  CompiledStateGraph,
  GraphRecursionError,
  InMemoryStore,
  type LangGraphRunnableConfig,
  MemorySaver,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { type Graph, withTracingToggle } from "../../sdk/src/adapters/langgraph.ts";
import type { Decision } from "../../sdk/src/index.ts";
import { agent, chain, collect, leaf, speak } from "./graphs.ts";

const input = { log: ["in"] };

/** A client whose decision is known: what is compared here is the run. */
const saying = (trace: boolean) => ({
  decide: async () => ({ trace, reason: trace ? "enabled" : "disabled" }) as Decision,
});

// Ids and times differ from run to run.
const stable = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value)
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id")
      .replace(/"nodeFirstAttemptTime":\d+/g, '"nodeFirstAttemptTime":0')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time"),
  );

describe.each([true, false])("tracing %s: the same as the bare graph", (trace) => {
  const wrap = <G extends Graph>(graph: G) => withTracingToggle(graph, saying(trace));
  const bare = () => agent((graph) => graph);
  const wrapped = () => wrap(agent(wrap));

  test("results, of invoke and batch", async () => {
    expect(await wrapped().invoke(input)).toEqual(await bare().invoke(input));
    const inputs = [{ log: ["a"] }, { log: ["b"] }];
    expect(await wrapped().batch(inputs)).toEqual(await bare().batch(inputs));
    expect(await wrapped().invoke(input, { streamMode: "updates" })).toEqual(
      await bare().invoke(input, { streamMode: "updates" }),
    );
  });

  test.each<[string, object]>([
    ["by default", {}],
    ["values", { streamMode: "values" }],
    ["updates", { streamMode: "updates" }],
    ["messages", { streamMode: "messages" }],
    ["debug", { streamMode: "debug" }],
    ["several modes", { streamMode: ["updates", "custom"] }],
    ["subgraphs", { streamMode: "updates", subgraphs: true }],
    ["as events", { encoding: "text/event-stream" }],
  ])("chunks of a stream, %s", async (_, options) => {
    // one after the other, since parallel branches finish in any order
    const nodes = (subgraph: ReturnType<typeof leaf>) =>
      chain({
        write: (_, { writer }) => {
          writer?.("custom");
          return { log: ["w"] };
        },
        subgraph: subgraph as never,
        speak: speak(),
      }).compile();
    const expected = stable(await collect(nodes(leaf()).stream(input, options)));
    expect(expected.length).toBeGreaterThan(1);
    expect(stable(await collect(wrap(nodes(wrap(leaf()))).stream(input, options)))).toEqual(expected);
  });

  test.each(["v1", "v2"] as const)("events of streamEvents %s", async (version) => {
    const events = async (graph: ReturnType<typeof leaf>) =>
      (await collect(graph.streamEvents(input, { version }))).map(({ event, name, data }) =>
        stable([event, name, data]),
      );
    const expected = await events(chain({ model: leaf() as never }).compile());
    expect(expected.length).toBeGreaterThan(5);
    expect(await events(wrap(chain({ model: wrap(leaf()) as never }).compile()))).toEqual(expected);
  });

  test("errors are the very same objects", async () => {
    const error = new Error("broken");
    const fails = chain({
      fails: () => {
        throw error;
      },
    }).compile();
    await expect(wrap(fails).invoke(input)).rejects.toBe(error);
    await expect(collect(wrap(fails).stream(input))).rejects.toBe(error);
    await expect(collect(wrap(fails).streamEvents(input, { version: "v2" }))).rejects.toBe(error);
    expect(await wrap(fails).batch([input], {}, { returnExceptions: true })).toEqual([error]);
    const nested = wrap(chain({ one: wrap(fails) as never }).compile());
    await expect(nested.invoke(input)).rejects.toBe(error);
    await expect(wrap(leaf()).invoke(input, { recursionLimit: 0 })).rejects.toThrow("recursionLimit");
    const long = chain({ one: () => ({}), two: () => ({}) }).compile();
    await expect(wrap(long).invoke(input, { recursionLimit: 1 })).rejects.toBeInstanceOf(GraphRecursionError);
    const reason = new Error("gone");
    await expect(wrap(leaf()).invoke(input, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("the config that nodes see", async () => {
    const store = new InMemoryStore();
    const checkpointer = new MemorySaver();
    const seen: LangGraphRunnableConfig[] = [];
    const look = (_: unknown, config: LangGraphRunnableConfig) => {
      seen.push(config);
      return {};
    };
    const graph = () => chain({ look }).compile({ checkpointer, store });
    const configs = (thread_id: string): LangGraphRunnableConfig => ({
      configurable: { thread_id, user_id: "u" },
      tags: ["tag"],
      metadata: { key: "value" },
      recursionLimit: 7,
      context: { of: "the run" },
      callbacks: [{}], // without any, LangChain leaves the node's name in the config as well
    });
    await graph().invoke(input, configs("one"));
    await wrap(graph()).invoke(input, configs("two"));
    const [one, two] = seen as [LangGraphRunnableConfig, LangGraphRunnableConfig];
    const shown = ({ callbacks, signal, runId, configurable, ...rest }: LangGraphRunnableConfig) =>
      stable({ ...rest, configurable: Object.keys(configurable ?? {}), user: configurable?.user_id });
    expect(shown(two)).toEqual(JSON.parse(JSON.stringify(shown(one)).replaceAll('"one"', '"two"')));
  });

  test("the config that the caller holds, and checkpoints", async () => {
    const checkpointer = new MemorySaver();
    const graph = wrap(chain({ one: wrap(leaf()) as never, two: () => ({ log: ["2"] }) }).compile({ checkpointer }));
    const config = Object.freeze({ configurable: Object.freeze({ thread_id: "t", user_id: "u" }) });
    await graph.invoke(input, config);
    expect(Reflect.ownKeys(config.configurable)).toEqual(["thread_id", "user_id"]);
    const saved = await collect(checkpointer.list({ configurable: { thread_id: "t" } }));
    expect(saved.length).toBeGreaterThan(2);
    for (const { config, metadata, checkpoint } of saved) {
      expect(Reflect.ownKeys(config.configurable ?? {}).every((key) => typeof key === "string")).toBe(true);
      expect(JSON.stringify([config, metadata, checkpoint])).not.toMatch(/tracing.?toggle/);
    }
  });

  test("a stream that is left early aborts the run", async () => {
    const aborted = new AbortController();
    const graph = wrap(
      chain({
        first: () => ({ log: ["1"] }),
        second: (_, { signal }) =>
          new Promise((resolve) => {
            signal?.addEventListener("abort", () => {
              aborted.abort();
              resolve({});
            });
          }),
      }).compile(),
    );
    for await (const chunk of await graph.stream(input, { streamMode: "updates" })) {
      expect(chunk).toEqual({ first: { log: ["1"] } });
      break;
    }
    if (!aborted.signal.aborted) await once(aborted.signal, "abort");
  });

  test("the calls of callbacks that are no tracers", async () => {
    const calls: string[] = [];
    class Handler extends BaseCallbackHandler {
      name = "handler";
      override handleChainStart(...args: unknown[]) {
        calls.push(`chain ${args.at(-2) ?? args[7]}`);
      }
      override handleChatModelStart() {
        calls.push("model");
      }
      override handleToolStart() {
        calls.push("tool");
      }
      override handleChainEnd() {
        calls.push("end");
      }
    }
    const plain = { handleLLMEnd: () => calls.push("answer") };
    const callsOf = async (graph: ReturnType<typeof bare>, callbacks: RunnableConfig["callbacks"]) => {
      calls.length = 0;
      await graph.invoke(input, callbacks ? { callbacks } : {});
      await awaitAllCallbacks();
      return [...calls].sort();
    };
    const expected = await callsOf(bare(), [new Handler(), plain]);
    expect(new Set(expected)).toEqual(new Set([...expected, "model", "tool", "end", "answer"]));
    expect(await callsOf(wrapped(), [new Handler(), plain])).toEqual(expected);
    const manager = CallbackManager.fromHandlers(plain as never);
    manager.addHandler(new Handler());
    expect(await callsOf(wrapped(), manager)).toEqual(expected);
    expect(manager.handlers).toHaveLength(2);
    expect(await callsOf(wrapped().withConfig({ callbacks: [new Handler(), plain] }) as never, undefined)).toEqual(
      expected,
    );
  });

  test("all other methods, and its uses as a Runnable", async () => {
    const checkpointer = new MemorySaver();
    const graph = leaf();
    graph.checkpointer = checkpointer;
    const same = wrap(graph);
    expect(same).toBeInstanceOf(CompiledStateGraph);
    expect(same.getName()).toBe(graph.getName());
    expect(same.getState).toBe(graph.getState);
    const config = { configurable: { thread_id: "t" } };
    await same.invoke(input, config);
    expect((await same.getState(config)).values).toEqual({ log: ["in", "hello"] });
    await same.updateState(config, { log: ["more"] });
    expect((await graph.getState(config)).values).toEqual({ log: ["in", "hello", "more"] });
    expect((await collect(same.getStateHistory(config))).length).toBeGreaterThan(2);
    expect((await same.getGraphAsync()).drawMermaid()).toBe((await graph.getGraphAsync()).drawMermaid());
    const outer = wrap(chain({ same: same as never }).compile());
    expect([...outer.getSubgraphs()]).toEqual([["same", same]]);

    const plain: Runnable = wrap(leaf()) as never;
    const hello = { log: ["in", "hello"] };
    expect(await plain.pipe((log: unknown) => [log]).invoke(input)).toEqual([hello]);
    expect(await collect(plain.pipe((log: unknown) => [log]).stream(input))).toEqual([[{ speak: { log: ["hello"] } }]]);
    expect(
      await RunnableLambda.from(() => input)
        .pipe(plain)
        .invoke(""),
    ).toEqual(hello);
    expect(await plain.withRetry().invoke(input)).toEqual(hello);
    expect(await plain.withFallbacks([leaf() as never]).batch([input])).toEqual([hello]);
    expect(await plain.pick("log").invoke(input)).toEqual(hello.log);
  });
});
