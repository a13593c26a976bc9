// A LangGraph graph, traced in LangSmith as the policy says.
//
//   npm install tracing-toggle @langchain/langgraph @langchain/core langsmith
//   LANGSMITH_TRACING=true LANGSMITH_API_KEY=… node --env-file=.local/env examples/langgraph/index.ts  # with `npm start` running
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { createTracingToggle } from "tracing-toggle";
import { currentDecision, withTracingToggle } from "tracing-toggle/langgraph";

const State = Annotation.Root({ question: Annotation<string>, answer: Annotation<string> });
const model = new FakeListChatModel({ responses: ["Take an umbrella."] }); // in place of one that costs money

const workflow = new StateGraph(State)
  .addNode("write", async ({ question }) => ({ answer: (await model.invoke(question)).text }))
  .addNode("log", () => console.log(`tracing: ${currentDecision()?.reason}`) ?? {})
  .addEdge(START, "write")
  .addEdge("write", "log")
  .addEdge("log", END);

const tracing = createTracingToggle(); // settings from the environment
const graph = withTracingToggle(workflow.compile(), tracing);

const question = "What is the weather?";
const { answer } = await graph.invoke({ question }, { configurable: { user_id: "user-42", thread_id: "thread-1" } });
console.log(`${question} ${answer}`);

await awaitAllCallbacks(); // what LangSmith's client still holds
await tracing.close();
