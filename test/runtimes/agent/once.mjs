// A script that asks once and ends by itself; it does not close the client.
import { createTracingToggle } from "tracing-toggle";

const tracing = createTracingToggle({ timeoutMs: 5_000, logger: null });
console.log(process.version, await tracing.isEnabled());
