import { listen } from "../listen.ts";
import { createUpstashApp } from "./app.ts";
import type { Tokens } from "./auth.ts";
import { connectRedis } from "./redis.ts";

/** An Upstash endpoint that is listening. */
export interface UpstashEndpoint {
  /** For `UPSTASH_REDIS_REST_URL`, such as `http://127.0.0.1:1234`. */
  url: string;
  /** HTTP requests so far, refused ones too: the round trips of its clients. */
  requests(): number;
  /** Redis commands run for them so far: a pipeline of three is three. */
  commands(): number;
  /** Stops listening, cuts the subscriptions and the connections to Redis. */
  close(): Promise<void>;
}

/**
 * Serves Upstash's REST API on loopback, in front of the Redis at `redisUrl`. Once started it survives a Redis that goes
 * away: requests answer 503 at once until it is back.
 *
 * @throws when Redis cannot be reached, and `EADDRINUSE` when the port is taken; port 0 takes a free one
 */
export async function startUpstashEndpoint({
  redisUrl,
  port = 0,
  host = "127.0.0.1",
  ...tokens
}: Tokens & { redisUrl: string; port?: number; host?: string }): Promise<UpstashEndpoint> {
  const redis = await connectRedis(redisUrl);
  let requests = 0;
  const app = createUpstashApp({ ...tokens, redis, onRequest: () => requests++ });
  const server = await listen(app.fetch, { port, host }).catch((error) => {
    redis.close();
    throw error;
  });
  return {
    url: `http://${host}:${server.port}`,
    requests: () => requests,
    commands: redis.commands,
    async close() {
      await server.close();
      redis.close();
    },
  };
}
