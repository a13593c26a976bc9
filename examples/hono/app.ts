// One decision per request, as a variable of Hono's context. The same app runs on Workers and, by server.ts, in Node.
//
//   npm install tracing-toggle hono
//   npx wrangler dev --config examples/hono/wrangler.toml --env-file .local/env      # with `npm start` running
import { type Context, Hono } from "hono";
import { createTracingToggle } from "tracing-toggle";
import { tracingToggle } from "tracing-toggle/hono";

export function createApp(options: Parameters<typeof createTracingToggle>[0] = {}) {
  const tracing = createTracingToggle(options); // the other settings from the environment
  // Whose request it is: as your own authentication says. A header that anybody can set is only for an example.
  const request = (c: Context) => ({ userId: c.req.header("x-user-id") });
  return new Hono()
    .use(tracingToggle(tracing, { request }))
    .get("/", (c) => c.json({ traced: c.var.tracing.trace, reason: c.var.tracing.reason }));
}
