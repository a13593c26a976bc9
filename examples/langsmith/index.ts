// `traceable` functions without LangChain, traced in LangSmith as the policy says.
//
//   npm install tracing-toggle langsmith
//   LANGSMITH_TRACING=true LANGSMITH_API_KEY=… node --env-file=.local/env examples/langsmith/index.ts  # with `npm start` running
import { Client } from "langsmith";
import { traceable } from "langsmith/traceable";
import { createTracingToggle } from "tracing-toggle";
import { withTracingToggle } from "tracing-toggle/langsmith";

const client = new Client();
const tracing = createTracingToggle(); // settings from the environment

interface Call {
  userId: string;
  sessionId: string;
  question: string;
}

// in place of a model that costs money
const model = traceable(
  async (question: string) => ({ text: `You asked: ${question}`, usage_metadata: { output_tokens: 4 } }),
  { name: "model", run_type: "llm" },
);

const agent = traceable(async ({ question }: Call) => (await model(question)).text, { name: "agent", client });
const answer = withTracingToggle(agent, tracing); // by the user and session of its first argument
console.log(await answer({ userId: "user-42", sessionId: "chat-1", question: "What is the weather?" }));

const stream = traceable(
  async function* ({ question }: Call) {
    yield* (await model(question)).text.split(" ");
  },
  { name: "stream", client },
);
const words = withTracingToggle(stream, tracing);
const call = { userId: "user-42", sessionId: "chat-1", question: "What is the weather?" };
for await (const word of await words(call)) console.log(word);

await client.awaitPendingTraceBatches();
await tracing.close();
