import { createTracingToggle } from "tracing-toggle";
import { usage } from "tracing-toggle/usage";

// the rest from the environment
const tracing = createTracingToggle({ usage: usage() });

const { trace, reason } = await tracing.decide({ userId: "user-42", sessionId: "s-1" });
console.log(trace ? "traced" : "not traced", reason);

// before the process ends; one that goes on reports by itself
await tracing.flush();
