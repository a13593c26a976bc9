import { listen } from "../listen.ts";
import { createNeonApp, type NeonAppOptions } from "./app.ts";

/** A Neon endpoint that is listening. */
export interface NeonEndpoint {
  /** For `neonConfig.fetchEndpoint`, such as `http://127.0.0.1:1234/sql`. */
  url: string;
  /** For `neon(...)`: the user, password and database that the endpoint accepts. */
  connectionString: string;
  /** HTTP requests so far, refused ones too: the round trips of its clients. */
  requests(): number;
  /** Stops listening. The backend stays open: it belongs to the caller. */
  close(): Promise<void>;
}

/** Serves Neon's SQL over HTTP on loopback. Throws `EADDRINUSE` when the port is taken; port 0 takes a free one. */
export async function startNeonEndpoint({
  port = 0,
  host = "127.0.0.1",
  onRequest,
  ...options
}: NeonAppOptions & { port?: number; host?: string }): Promise<NeonEndpoint> {
  let requests = 0;
  const app = createNeonApp({
    ...options,
    onRequest() {
      requests++;
      onRequest?.();
    },
  });
  const server = await listen(app.fetch, { port, host });
  return {
    url: `http://${host}:${server.port}/sql`,
    connectionString: options.connectionString ?? options.backend.connectionString,
    requests: () => requests,
    close: server.close,
  };
}
