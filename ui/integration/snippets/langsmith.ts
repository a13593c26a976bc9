import { traceable } from "langsmith/traceable";
import { createTracingToggle } from "tracing-toggle";
import { withTracingToggle } from "tracing-toggle/langsmith";
import { usage } from "tracing-toggle/usage";
import { run } from "./your-agent.ts";

// the rest from the environment
const tracing = createTracingToggle({ usage: usage() });
const agent = withTracingToggle(traceable(run, { name: "agent" }), tracing);

await agent({ userId: "user-42", sessionId: "s-1", question: "…" });
