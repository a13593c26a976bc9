//   npm install @hono/node-server
//   node --env-file=.local/env examples/hono/server.ts
import { serve } from "@hono/node-server";
import { createApp } from "./app.ts";

serve({ fetch: createApp().fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
