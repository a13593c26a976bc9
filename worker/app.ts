import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { Options } from "./env.ts";
import { AppError, problem } from "./errors.ts";
import type { AppContext, AppEnv } from "./middleware/app-context.ts";
import { cors } from "./middleware/cors.ts";
import { type Blocked, guardOf, limitAddress } from "./middleware/rate-limit.ts";
import { refuseDots } from "./middleware/refuse-dots.ts";
import { decision } from "./routes/decision.ts";
import { events, projectEvents } from "./routes/events.ts";
import { health } from "./routes/health.ts";
import { jaeger } from "./routes/jaeger.ts";
import { keys } from "./routes/keys.ts";
import { metrics } from "./routes/metrics.ts";
import { ofrep } from "./routes/ofrep.ts";
import { projects } from "./routes/projects.ts";
import { rules } from "./routes/rules.ts";
import { session } from "./routes/session.ts";
import { status } from "./routes/status.ts";
import { tracing } from "./routes/tracing.ts";
import { usage } from "./routes/usage.ts";
import { users } from "./routes/users.ts";
import { createAccess } from "./services/access.ts";
import type { Context } from "./services/context.ts";
import type { CredentialMemory } from "./services/credentials.ts";
import { createKeyUse } from "./services/key-use.ts";
import type { Observe, Postgres } from "./store/postgres.ts";
import type { Redis } from "./store/redis.ts";

const BODY_LIMIT_BYTES = 64 * 1024;
/** An API key, wherever it stands in a path. */
const KEY = /tt_\w+/g;
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** What the app is made of. The stores are made anew for each request, which observes them. */
export interface Dependencies extends Options {
  connect: (observe: Observe) => { postgres: Postgres; redis: Redis };
  /** The clock, in epoch ms. */
  now: () => number;
}

/** Collects the round trips of a request for its `Server-Timing` header. */
function createTiming() {
  const trips = { db: { count: 0, ms: 0 }, redis: { count: 0, ms: 0 } };
  const observe: Observe = (store, ms) => {
    trips[store].count++;
    trips[store].ms += ms;
  };
  const header = () =>
    Object.entries(trips)
      .map(([store, { count, ms }]) => `${store};dur=${ms};desc="${count}"`)
      .join(", ");
  return { observe, header };
}

/** The context of one request or one run of the cron, and what it observed. */
export function createContext(
  dependencies: Dependencies,
  health: Context["health"],
  defer: Context["defer"],
): { context: Context; serverTiming: () => string } {
  const { connect, lifetimes, eventsRetentionMs, now } = dependencies;
  const timing = createTiming();
  const context = { ...connect(timing.observe), lifetimes, eventsRetentionMs, now, defer, health };
  return { context, serverTiming: timing.header };
}

function deferIn(c: AppContext): Context["defer"] {
  return (work) => {
    const done = work.catch((error: Error) => console.warn(`after the answer: ${error.name}`));
    try {
      c.executionCtx.waitUntil(done);
    } catch {
      // outside of workerd nothing ends the work
    }
  };
}

function toProblem(error: unknown, c: AppContext): Response {
  const requestId = c.get("requestId");
  if (error instanceof AppError) return problem(error, requestId);
  if (error instanceof HTTPException && error.status < 500) {
    return problem(new AppError("malformed_json", "The request cannot be read."), requestId);
  }
  console.error(`request ${requestId}: ${error instanceof Error ? error.name : typeof error}`);
  return problem(new AppError("internal", "This is a fault of ours. Report it with the request id."), requestId);
}

/** The HTTP API. Its memory (keys accepted lately, Redis' health) lives as long as the app. */
export function createApp(dependencies: Dependencies): Hono<AppEnv> {
  const memory: CredentialMemory = new Map();
  const keyUse = createKeyUse();
  const blocked: Blocked = new Map();
  const verifyAssertion = dependencies.access && createAccess(dependencies.access);
  const redisHealth = { redisDownUntil: 0 };
  const app = new Hono<AppEnv>({ strict: false });

  app.use(requestId());
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } }));
  app.use(cors(dependencies.corsOrigins));
  app.use(async (c, next) => {
    const { context, serverTiming } = createContext(dependencies, redisHealth, deferIn(c));
    c.set("context", context);
    c.set("memory", memory);
    c.set("keyUse", keyUse);
    c.set("limiters", dependencies.limiters);
    c.set("verifyAssertion", verifyAssertion);
    c.set("guard", guardOf(c, blocked));
    await next();
    c.header("server-timing", serverTiming());
    c.header("cache-control", "no-store");
  });
  app.use(limitAddress(dependencies.limiters));
  app.use(
    bodyLimit({
      maxSize: BODY_LIMIT_BYTES,
      onError: () => {
        throw new AppError("body_too_large", `A body may have ${BODY_LIMIT_BYTES} bytes at most.`);
      },
    }),
  );
  app.use("/api/v1/projects/*", refuseDots);
  app.route("/", health);
  app.route("/api/v1/projects", projects);
  for (const routes of [projectEvents, tracing, rules, users, decision, usage, metrics, status])
    app.route("/api/v1/projects", routes);
  app.route("/api/v1/events", events);
  app.route("/api/v1/keys", keys);
  app.route("/api/v1/session", session);
  app.route("/k", jaeger);
  app.route("/ofrep/v1", ofrep);
  app.notFound((c) => {
    const methods = METHODS.filter((method) => {
      const [handlers] = app.router.match(method, c.req.path);
      return handlers.some(([[, route]]) => route.method === method);
    });
    const allowed = methods.join(", ");
    const path = c.req.path.replaceAll(KEY, "<key>");
    const error = allowed
      ? new AppError("method_not_allowed", `${path} can be asked with: ${allowed}.`)
      : new AppError("not_found", `There is nothing at ${path}; the API is at /api/v1.`);
    const response = problem(error, c.get("requestId"));
    if (allowed) response.headers.set("allow", allowed);
    return response;
  });
  app.onError(toProblem);
  return app;
}
