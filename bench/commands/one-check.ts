// one-check.ts <redis url>: a process that checks once, as a function that is started for one request.
import { loadSdk, PROJECT, TOKEN } from "../sdk.ts";

const { createTracingToggle } = await loadSdk();
const redis = { url: process.argv[2] ?? "", token: TOKEN };
const tracing = createTracingToggle({ projectId: PROJECT, redis, api: null, logger: null });
const { source } = await tracing.decide({ userId: "user-1" });
await tracing.close();
console.log(JSON.stringify(source));
