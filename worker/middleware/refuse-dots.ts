import { createMiddleware } from "hono/factory";
import { AppError } from "../errors.ts";
import type { AppEnv } from "./app-context.ts";

const WHY =
  "A path cannot name the users . and .., who have no overrides: on its way here it becomes another path, with a slash at its end. Nothing was changed; leave the slash out if this path was meant.";

/**
 * Whoever parses a URL takes the segments `.` and `..` out of its path, also when they are encoded. To revoke the override of the
 * user `..` would be to delete the project.
 */
export const refuseDots = createMiddleware<AppEnv>(async ({ req }, next) => {
  // `req.path` is without the slash
  if (/^(PUT|DELETE)$/.test(req.method) && new URL(req.url).pathname.endsWith("/"))
    throw new AppError("invalid_user_id", WHY, [{ field: "user", message: "cannot be . or .." }]);
  await next();
});
