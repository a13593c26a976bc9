import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";

/** Answers one request, or fails to. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server on a free port of the loopback interface, and the requests it has seen. */
export interface FaultServer {
  readonly url: string;
  readonly requests: IncomingMessage[];
  /** What it answers from now on. */
  answer: Answer;
  /** Resolves once it has seen that many requests. */
  seen(count: number): Promise<void>;
  /** How many connections are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

export const json =
  (body: unknown, status = 200): Answer =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };

const text =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);
  };

/** What goes wrong between a client and a service that speaks JSON over HTTP. */
export const faults = {
  /** Takes the request and never answers. */
  hang: () => {},
  /** Sends the headers and never a body. */
  headersOnly: (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
  },
  /** Closes the connection hard. */
  reset: (request) => {
    request.socket.resetAndDestroy();
  },
  /** Closes the connection in the middle of the body. */
  halfBody: (_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"result":["true",', () => response.destroy());
  },
  /** Says that the body is whole where it is not. */
  cutBody: text(200, '{"result":["true",'),
  /** A portal's or a proxy's page. */
  html: text(200, "<!doctype html><title>Sign in</title>"),
  empty: text(200, ""),
  noContent: text(204, ""),
  redirect: text(302, "", { location: "/elsewhere" }),
  tooManyRequests: text(429, '{"error":"rate limit"}', { "retry-after": "60" }),
  quota: json({ error: "ERR max daily request limit exceeded. Limit: 10000, Usage: 10000" }, 400),
  serverError: text(500, "<h1>Internal Server Error</h1>"),
  unavailable: json({ error: "unavailable" }, 503),
  wrongSchema: json({ result: { enabled: "true" } }),
  resultNull: json({ result: null }),
  resultText: json({ result: "true" }),
  tooFewValues: json({ result: [] }),
  tooManyValues: json({ result: ["true", null, "1", "2", "3"] }),
  notAnObject: json(null),
  list: json([1, 2]),
  number: json(7),
  /** Is not HTTP. */
  notHttp: (request) => {
    request.socket.end("SSH-2.0-OpenSSH_9.2\r\n");
  },
  notGzip: text(200, "this is not gzip", { "content-encoding": "gzip" }),
  notUtf8: (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(Buffer.from([0x7b, 0xff, 0xfe, 0x00]));
  },
  /** A body without end, 20 MB of it a second. */
  endless: (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const flood = setInterval(() => response.write("[".repeat(200_000)), 10);
    response.once("close", () => clearInterval(flood));
  },
  /** A body that comes a byte at a time. */
  drip: (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const drop = setInterval(() => response.write(" "), 20);
    response.once("close", () => clearInterval(drop));
  },
} satisfies Record<string, Answer>;

/** Answers of an endpoint that does not accept the credentials. */
export const refusals = {
  unauthorized: json({ error: "Unauthorized" }, 401),
  forbidden: text(403, "<h1>Forbidden</h1>"),
  noPermission: json({ error: "NOPERM this user has no permissions to run the 'mget' command" }, 400),
  wrongPassword: json({ error: "WRONGPASS invalid or missing auth token" }, 400),
} satisfies Record<string, Answer>;

/** Answers as `answer` does, only `ms` later. */
export const slow =
  (ms: number, answer: Answer): Answer =>
  (request, response) => {
    const timer = setTimeout(() => answer(request, response), ms);
    response.once("close", () => clearTimeout(timer));
  };

const listen = (server: Server): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

/** Starts a server that answers as told; it keeps connections alive as long as a client wants. */
export async function faultServer(answer: Answer): Promise<FaultServer> {
  const requests: IncomingMessage[] = [];
  const waiting = new Set<() => void>();
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    response.on("error", () => {});
    faultServer.answer(request, response);
    for (const check of waiting) check();
  };
  const server = createServer({ keepAliveTimeout: 0 }, listener);
  const faultServer: FaultServer = {
    url: await listen(server),
    requests,
    answer,
    seen: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (requests.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    connections: () => new Promise((resolve, reject) => server.getConnections((e, n) => (e ? reject(e) : resolve(n)))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return faultServer;
}

/** The URL of a port that nobody listens on. */
export async function refusedUrl(): Promise<string> {
  const server = createTcpServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

/** A server that accepts connections, and neither reads nor writes. */
export async function blackHole(): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  return {
    url: await listen(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
