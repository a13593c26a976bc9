import { createTracingToggle } from "tracing-toggle";
import { withTracingToggle } from "tracing-toggle/langgraph";
import { usage } from "tracing-toggle/usage";
import { workflow } from "./your-agent.ts";

// the rest from the environment
const tracing = createTracingToggle({ usage: usage() });
const graph = withTracingToggle(workflow.compile(), tracing);

await graph.invoke({ question: "…" }, { configurable: { user_id: "user-42", thread_id: "s-1" } });
