import type { AddressInfo, Socket } from "node:net";
import { createRedisCommandExecutor, RedisServerState, Resp2Server } from "js-redis-server/core";

/** An embedded Redis, in memory, that also speaks RESP: `redis-cli` works on it. */
export interface EmbeddedRedis {
  /** Such as `redis://127.0.0.1:6379`. */
  url: string;
  /** Stops it and cuts its connections; its data is gone. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/**
 * Starts a Redis in this process, on loopback. Its expiry follows `Date.now()`, so a test may move the clock.
 * Throws `EADDRINUSE` when the port is taken; port 0 takes a free one.
 */
export async function startEmbeddedRedis({ port = 0 }: { port?: number } = {}): Promise<EmbeddedRedis> {
  // Put together by hand: the package's own factory listens on every interface, and its close waits for the clients.
  const redis = new Resp2Server({
    server: new RedisServerState({ databaseCount: 16 }),
    executor: createRedisCommandExecutor(),
  });
  const { server } = redis;
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });
  return {
    url: `redis://${HOST}:${(server.address() as AddressInfo).port}`,
    close() {
      const closed = redis.close();
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}
