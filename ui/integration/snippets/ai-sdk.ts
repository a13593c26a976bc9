import { generateText } from "ai";
import { createTracingToggle } from "tracing-toggle";
import { telemetryFor } from "tracing-toggle/ai-sdk";
import { usage } from "tracing-toggle/usage";
import { model } from "./your-agent.ts";

// the rest from the environment
const tracing = createTracingToggle({ usage: usage() });

// once for each request
const decision = await tracing.decide({ userId: "user-42", sessionId: "s-1" });
// for every call: left out, it is on
const telemetry = telemetryFor(decision, { functionId: "answer" });
const { text } = await generateText({ model, prompt: "…", telemetry });
console.log(text);
