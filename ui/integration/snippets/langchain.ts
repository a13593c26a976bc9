import { createTracingToggle } from "tracing-toggle";
import { withTracingToggle } from "tracing-toggle/langchain";
import { usage } from "tracing-toggle/usage";
import { runnable } from "./your-agent.ts";

// the rest from the environment
const tracing = createTracingToggle({ usage: usage() });
// the outermost: what `createAgent` makes, a chain, a model
const agent = withTracingToggle(runnable, tracing);

await agent.invoke({ question: "…" }, { configurable: { user_id: "user-42", thread_id: "s-1" } });
