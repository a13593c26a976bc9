import { DynamicTool } from "@langchain/core/tools";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";

const State = Annotation.Root({ question: Annotation<string>, plan: Annotation<string>, answer: Annotation<string> });

const planner = new FakeListChatModel({ responses: ["look up the weather"] });
const writer = new FakeListChatModel({ responses: ["Take an umbrella."] });

const weather = new DynamicTool({
  name: "weather",
  description: "Today's weather in a city",
  func: async (city) => `Rain in ${city}`,
});

/** plan → tool → answer, with a model that needs no network. Tracing is not its concern. */
export const graph = new StateGraph(State)
  .addNode("think", async ({ question }) => ({ plan: (await planner.invoke(question)).text }))
  .addNode("look_up", async () => ({ answer: String(await weather.invoke("Zurich")) }))
  .addNode("reply", async ({ question, answer }) => ({ answer: (await writer.invoke(`${question} ${answer}`)).text }))
  .addEdge(START, "think")
  .addEdge("think", "look_up")
  .addEdge("look_up", "reply")
  .addEdge("reply", END)
  .compile();
