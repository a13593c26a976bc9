// biome-ignore lint/style/noRestrictedImports: an optional peer of this sub-export alone, and only its types
import type { Context, MiddlewareHandler } from "hono";
import type { Request, TracingToggle } from "../client.ts";
import type { Decision } from "../project.ts";
import { UNIDENTIFIED } from "./unidentified.ts";

/** What {@link tracingToggle} adds to a context's variables. */
export interface TracingVariables {
  /** The decision made for this request. */
  tracing: Decision;
}

/** Settings of {@link tracingToggle}. All may be left out. */
export interface HonoOptions {
  /**
   * Whose request it is. Default: nobody's, so that a sample is taken at random; no header is trusted. What an earlier
   * middleware has found out is a good answer: `(c) => ({ userId: c.get("user")?.id })`. When it throws or rejects, the request
   * is not traced.
   */
  request?: ((c: Context<any, any, any>) => Request | Promise<Request>) | undefined;
  /** Whether `Server-Timing` tells the client the decision's reason. Default: true. */
  serverTiming?: boolean | undefined;
}

/**
 * Hono middleware that decides once per request whether it is traced: the decision is `c.var.tracing` to the handlers, and its
 * reason goes out as `Server-Timing: tracing-toggle;desc="enabled"`. It never fails a request, and holds it up for `timeoutMs` at
 * most. The user and the session come from {@link HonoOptions.request}.
 *
 * In workerd, give the client `waitUntil` (`import { waitUntil } from "cloudflare:workers"`), so that a refresh in the
 * background outlives the request that began it.
 *
 * @param tracing the client that decides
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { createTracingToggle } from "tracing-toggle";
 * import { tracingToggle } from "tracing-toggle/hono";
 *
 * const tracing = createTracingToggle(); // settings from the environment
 * const app = new Hono()
 *   .use(tracingToggle(tracing, { request: (c) => ({ userId: c.get("user")?.id }) }))
 *   .get("/", (c) => c.text(c.var.tracing.trace ? "traced" : "not traced"));
 * ```
 */
export function tracingToggle(
  tracing: Pick<TracingToggle, "decide">,
  options: HonoOptions = {},
): MiddlewareHandler<{ Variables: TracingVariables }> {
  const { request = () => ({}), serverTiming = true } = options;
  return async (c, next) => {
    if (c.get("tracing")) return next(); // decided by the same middleware further out
    let decision = UNIDENTIFIED;
    try {
      decision = await tracing.decide(await request(c));
    } catch {
      // see UNIDENTIFIED
    }
    c.set("tracing", decision);
    await next();
    if (!serverTiming || c.res.status === 101) return;
    try {
      c.header("Server-Timing", `tracing-toggle;desc="${decision.reason.replace(/[^\w-]/g, "_")}"`, { append: true });
    } catch {
      // an answer that takes no header goes out as it is
    }
  };
}
