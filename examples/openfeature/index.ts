// The policy as an OpenFeature flag.
//
//   npm install tracing-toggle @openfeature/server-sdk @openfeature/core
//   node --env-file=.local/env examples/openfeature/index.ts      # with `npm start` running
import { OpenFeature, ProviderEvents } from "@openfeature/server-sdk";
import { createTracingToggle } from "tracing-toggle";
import { TracingToggleProvider } from "tracing-toggle/openfeature";

await OpenFeature.setProviderAndWait(new TracingToggleProvider(createTracingToggle())); // settings from the environment
OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, () => console.log("The policy has changed."));

const client = OpenFeature.getClient();
const { value, reason, flagMetadata } = await client.getBooleanDetails("tracing", false, {
  targetingKey: "user-42",
  sessionId: "s-1",
});
console.log({ traced: value, reason, rule: flagMetadata.reason, version: flagMetadata.version });

await OpenFeature.close(); // closes the client, too
