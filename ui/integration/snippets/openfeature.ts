import { OpenFeature } from "@openfeature/server-sdk";
import { createTracingToggle } from "tracing-toggle";
import { TracingToggleProvider } from "tracing-toggle/openfeature";
import { usage } from "tracing-toggle/usage";

// the rest from the environment
const tracing = createTracingToggle({ usage: usage() });
await OpenFeature.setProviderAndWait(new TracingToggleProvider(tracing));

const request = { targetingKey: "user-42", sessionId: "s-1" };
const traced = await OpenFeature.getClient().getBooleanValue("tracing", false, request);
console.log(traced ? "traced" : "not traced");
