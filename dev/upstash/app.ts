import { type Context, Hono } from "hono";
import { authentication, type Tokens } from "./auth.ts";
import { type Command, checkPermitted, toCommand } from "./commands.ts";
import { RestError } from "./errors.ts";
import type { Outcome, SharedRedis } from "./redis.ts";
import { toJson } from "./reply.ts";
import { subscribe } from "./subscribe.ts";

/** What the endpoint needs. */
export interface UpstashAppOptions extends Tokens {
  redis: SharedRedis;
  /** Called once a request, before anything else: one round trip of a client. */
  onRequest?: () => void;
}

type App = { Variables: { readOnly: boolean } };

/**
 * Upstash's REST API in front of any Redis, for the unmodified `@upstash/redis` and for bare `fetch`.
 * Source: Upstash's documentation of the REST API, and what its client parses.
 */
export function createUpstashApp({ redis, onRequest, ...tokens }: UpstashAppOptions): Hono<App> {
  const authenticate = authentication(tokens);
  const app = new Hono<App>();

  app.use(async (c, next) => {
    onRequest?.();
    c.set("readOnly", authenticate(c).readOnly);
    if (c.req.header("Upstash-Response-Format") === "resp2") {
      throw new RestError("ERR the response format resp2 is not available here");
    }
    await next();
  });

  app.post("/", async (c) => c.json(await runOne(c, redis, toCommand(await jsonBody(c)))));
  app.post("/pipeline", async (c) => c.json(await runPipeline(c, redis, await jsonBody(c))));
  app.post("/multi-exec", async (c) => c.json(await runTransaction(c, redis, await jsonBody(c))));
  for (const kind of ["subscribe", "psubscribe"] as const) {
    app.on(["GET", "POST"], `/${kind}/*`, async (c) => {
      const [, ...channels] = pathParts(c);
      return new Response(await subscribe(redis.duplicate(), kind, channels), {
        headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" },
      });
    });
  }
  app.on(["GET", "POST", "PUT"], "*", async (c) => c.json(await runOne(c, redis, await pathCommand(c))));
  app.all("*", () => {
    throw new RestError("ERR method not allowed", 405);
  });

  app.onError((error, c) => {
    if (error instanceof RestError) return c.json({ error: error.message }, error.status);
    return c.json({ error: `ERR internal error: ${error.message}` }, 500);
  });
  return app;
}

async function runOne(c: Context<App>, redis: SharedRedis, command: Command): Promise<object> {
  checkPermitted(command, { readOnly: c.get("readOnly") });
  const [outcome] = (await redis.run([command])) as [Outcome];
  if ("error" in outcome) throw outcome.error;
  return describe(c, outcome);
}

/** Each command has its own outcome; only a Redis that is away fails the request. */
async function runPipeline(c: Context<App>, redis: SharedRedis, body: unknown): Promise<object[]> {
  const commands = toCommands(body);
  const refusals = commands.map((command) => refusal(c, command));
  const outcomes = await redis.run(commands.filter((_, i) => refusals[i] === undefined));
  return refusals.map((error) => describe(c, error ? { error } : (outcomes.shift() as Outcome)));
}

async function runTransaction(c: Context<App>, redis: SharedRedis, body: unknown): Promise<object[]> {
  const commands = toCommands(body);
  for (const command of commands) checkPermitted(command, { readOnly: c.get("readOnly") });
  const outcomes = await redis.transaction(commands);
  return outcomes.map((outcome) => describe(c, outcome));
}

function refusal(c: Context<App>, command: Command): RestError | undefined {
  try {
    checkPermitted(command, { readOnly: c.get("readOnly") });
  } catch (error) {
    return error as RestError;
  }
}

function describe(c: Context<App>, outcome: Outcome): object {
  if (!("error" in outcome)) {
    return { result: toJson(outcome.reply, { base64: c.req.header("Upstash-Encoding") === "base64" }) };
  }
  if (outcome.error.status !== 400) throw outcome.error;
  return { error: outcome.error.message };
}

function toCommands(body: unknown): Command[] {
  if (!Array.isArray(body)) throw new RestError("ERR failed to parse pipeline request: expected an array of commands");
  if (body.length === 0) throw new RestError("ERR empty pipeline request");
  return body.map(toCommand);
}

async function jsonBody(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    throw new RestError("ERR failed to parse request: the body is not JSON");
  }
}

/** `/set/key?EX=100` with body `v` is `SET key v EX 100`: path, then body, then query. */
async function pathCommand(c: Context): Promise<Command> {
  const body = Buffer.from(await c.req.arrayBuffer());
  const options = [...new URL(c.req.url).searchParams]
    .filter(([name]) => name !== "_token")
    .flatMap(([name, value]) => (value === "" ? [name] : [name, value]));
  return toCommand([...pathParts(c), ...(body.length > 0 ? [body] : []), ...options]);
}

function pathParts(c: Context): string[] {
  try {
    return new URL(c.req.url).pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw new RestError("ERR failed to parse command: malformed percent-encoding in the path");
  }
}
