import { createRedisServer } from "js-redis-server";

/** An embedded Redis, in memory, that also speaks RESP: `redis-cli` works on it. */
export interface EmbeddedRedis {
  /** Such as `redis://127.0.0.1:6379`. */
  url: string;
  /** Stops it; its data is gone. */
  close(): Promise<void>;
}

/**
 * Starts a Redis in this process, on loopback. Its expiry follows `Date.now()`, so a test may move the clock.
 * Throws `EADDRINUSE` when the port is taken; port 0 takes a free one.
 */
export async function startEmbeddedRedis({ port = 0 }: { port?: number } = {}): Promise<EmbeddedRedis> {
  const server = await createRedisServer({ port });
  return { url: `redis://${server.host}:${server.port}`, close: () => server.close() };
}
