import { Hono } from "hono";
import { createTracingToggle } from "tracing-toggle";
import { tracingToggle } from "tracing-toggle/hono";
import { usage } from "tracing-toggle/usage";
import { answer, userOf } from "./your-agent.ts";

// the rest from the environment; on Workers, also their `waitUntil`
const tracing = createTracingToggle({ usage: usage() });

export default new Hono()
  .use(tracingToggle(tracing, { request: (c) => ({ userId: userOf(c.req.raw) }) }))
  .get("/", async (c) => c.json(await answer(c.req.raw, c.var.tracing.trace)));
