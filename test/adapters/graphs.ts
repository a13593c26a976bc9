import { RunnableLambda } from "@langchain/core/runnables";
import { DynamicTool } from "@langchain/core/tools";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Annotation, END, type LangGraphRunnableConfig, START, StateGraph } from "@langchain/langgraph";
import { traceable } from "langsmith/traceable";
import type { Graph } from "../../sdk/src/adapters/langgraph.ts";

export const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }),
});
export type Log = typeof State.State;
type Node = (state: Log, config: LangGraphRunnableConfig) => Promise<Partial<Log>> | Partial<Log>;

/** A graph of the given nodes, one after the other. */
export function chain(nodes: Record<string, Node>) {
  const graph = new StateGraph(State);
  let last: string = START;
  for (const [name, node] of Object.entries(nodes)) {
    graph.addNode(name, node).addEdge(last as never, name as never);
    last = name;
  }
  return graph.addEdge(last as never, END);
}

const say = async (model: FakeListChatModel, text: string) => (await model.invoke(text)).text;

const fakeModel = () => new FakeListChatModel({ responses: ["hello"] });

/** A node that calls a model. */
export const speak =
  (model = fakeModel()) =>
  async () => ({ log: [await say(model, "hi")] });

/** A graph that calls a model. */
export const leaf = (model = fakeModel()) => chain({ speak: speak(model) }).compile();

/**
 * A graph with everything through which a trace could escape: a model, a `traceable` function, a call that drops the
 * callbacks, subgraphs as nodes, in nodes, in tools and in streamed lambdas, and two branches in parallel.
 *
 * @param wrap applied to one of each pair of subgraphs
 */
export function agent(wrap: <G extends Graph>(graph: G) => G, model = fakeModel()) {
  const plain = leaf(model);
  const wrapped = wrap(leaf(model));
  const helper = traceable(async (text: string) => text, { name: "helper" });
  const tools = [plain, wrapped].map(
    (graph, i) =>
      new DynamicTool({
        name: `tool_${i}`,
        description: "runs a graph",
        func: async (text) => (await graph.invoke({ log: [text] })).log.join(),
      }),
  );
  const lambda = RunnableLambda.from(async (text: string) => {
    for await (const _ of await plain.stream({ log: [text] }));
    return text;
  });
  return new StateGraph(State)
    .addNode("left", async () => {
      await model.invoke("without callbacks", { callbacks: [] });
      return { log: [await say(model, "hi"), await helper("help")] };
    })
    .addNode("right", wrapped)
    .addNode("subgraph", plain)
    .addNode("calls", async () => {
      const logs = await Promise.all(tools.map((tool) => tool.invoke("t")));
      for await (const _ of await lambda.stream("l"));
      return { log: [...logs, ...(await wrapped.invoke({ log: ["w"] })).log] };
    })
    .addEdge(START, "left")
    .addEdge(START, "right")
    .addEdge("left", "subgraph")
    .addEdge("right", "subgraph")
    .addEdge("subgraph", "calls")
    .addEdge("calls", END)
    .compile();
}

/** All that a stream yields. */
export async function collect<T>(stream: AsyncIterable<T> | Promise<AsyncIterable<T>>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of await stream) items.push(item);
  return items;
}
