import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";

/** A server that is listening. */
export interface Listening {
  port: number;
  /** Stops listening and cuts every connection, also open event streams. */
  close(): Promise<void>;
}

/** Serves `fetch` on loopback. Throws (`EADDRINUSE`) when the port is taken; port 0 takes a free one. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { port, host }: { port: number; host: string },
): Promise<Listening> {
  const server = createAdaptorServer({ fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a TCP port");
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Starts on the preferred port, or on a free one when another program holds it. */
export async function onPreferredPort<T>(preferred: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(preferred);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return start(0);
  }
}
