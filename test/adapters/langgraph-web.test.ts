import { DynamicTool } from "@langchain/core/tools";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph/web";
import { expect, test } from "vitest";
import { currentDecision, withTracingToggle } from "../../sdk/src/adapters/langgraph.ts";
import type { Decision } from "../../sdk/src/index.ts";

// This entry of LangGraph, for runtimes without AsyncLocalStorage, must be the only one that this file loads.
test("without AsyncLocalStorage, what is passed the node's config inherits the decision", async () => {
  let asked = 0;
  const tracing = { decide: async () => ({ trace: false, reason: `number ${++asked}` }) as Decision };
  const State = Annotation.Root({
    log: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }),
  });
  const inner = withTracingToggle(
    new StateGraph(State)
      .addNode("read", (_, config) => {
        expect(currentDecision()).toBeUndefined();
        return { log: [`${currentDecision(config)?.reason}`] };
      })
      .addEdge(START, "read")
      .addEdge("read", END)
      .compile(),
    tracing,
  );
  const tool = new DynamicTool({
    name: "tool",
    description: "runs a graph",
    func: async (_, __, config) => (await inner.invoke({ log: [] }, config)).log.join(),
  });
  const graph = withTracingToggle(
    new StateGraph(State)
      .addNode("subgraph", inner)
      .addNode("calls", async (_, config) => ({
        log: [(await inner.invoke({ log: [] }, config)).log.join(), await tool.invoke("", config)],
      }))
      .addEdge(START, "subgraph")
      .addEdge("subgraph", "calls")
      .addEdge("calls", END)
      .compile(),
    tracing,
  );
  expect((await graph.invoke({ log: [] })).log).toEqual(["number 1", "number 1", "number 1"]);
  expect((await inner.invoke({ log: [] })).log).toEqual(["number 2"]);
});
