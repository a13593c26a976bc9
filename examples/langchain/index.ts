// An agent of LangChain and a chain, traced in LangSmith as the policy says.
//
//   npm install tracing-toggle langchain @langchain/core langsmith
//   LANGSMITH_TRACING=true LANGSMITH_API_KEY=… node --env-file=.local/env examples/langchain/index.ts  # with `npm start` running
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { AIMessage, createAgent, fakeModel, tool } from "langchain";
import { createTracingToggle } from "tracing-toggle";
import { withTracingToggle } from "tracing-toggle/langchain";

const tracing = createTracingToggle(); // settings from the environment
const config = { configurable: { user_id: "user-42", thread_id: "thread-1" } };
const question = "What is the weather?";

const weather = tool(() => "rain", { name: "weather", description: "the weather", schema: { type: "object" } });
// in place of a model that costs money
const model = fakeModel()
  .respondWithTools([{ name: "weather", args: {} }])
  .respond(new AIMessage("It rains."))
  .respond(new AIMessage("Il pleut."));

const agent = withTracingToggle(createAgent({ model, tools: [weather] }), tracing);
const { messages } = await agent.invoke({ messages: [{ role: "user", content: question }] }, config);
const answer = messages.at(-1)?.text ?? "";

const translate = ChatPromptTemplate.fromTemplate("Translate to French: {text}")
  .pipe(model)
  .pipe(new StringOutputParser());
const chain = withTracingToggle(translate, tracing);
console.log(`${question} ${answer} ${await chain.invoke({ text: answer }, config)}`);

await awaitAllCallbacks(); // what LangSmith's client still holds
await tracing.close();
