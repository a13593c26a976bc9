import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-context.ts";

/** Goes on with the request when the asker leaves: an SDK does when its time is up, and the next one finds Redis filled. */
export const finishAlone = createMiddleware<AppEnv>(async (c, next) => {
  const work = next();
  c.var.context.defer(work);
  await work;
});
