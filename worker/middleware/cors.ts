import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-context.ts";

const ALLOWED = {
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match",
  "access-control-max-age": "600",
};
const EXPOSED = "ETag, Idempotency-Replayed, Location, Retry-After, Server-Timing, X-Request-Id";

/**
 * Lets pages of these origins call the API with an API key. They never get the session cookie along: it is of this site only,
 * and a browser is not told that credentials are allowed. Without any origin no CORS header is sent at all.
 */
export const cors = (origins: readonly string[]) =>
  createMiddleware<AppEnv>(async (c, next) => {
    if (origins.length === 0) return next();
    const origin = c.req.header("origin");
    const isAllowed = origin !== undefined && origins.includes(origin);
    const isPreflight = c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;
    if (isAllowed && isPreflight) c.res = new Response(null, { status: 204, headers: ALLOWED });
    else await next();
    c.header("vary", "Origin", { append: true });
    if (!isAllowed) return;
    c.header("access-control-allow-origin", origin);
    c.header("access-control-expose-headers", EXPOSED);
  });
