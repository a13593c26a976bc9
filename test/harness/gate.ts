import { once } from "node:events";
import { createServer, request as send } from "node:http";

/** A request that was stopped at the gate. */
export interface Held {
  /** Lets it through. */
  release(): void;
  /** Cuts its connection: it never arrives. */
  drop(): void;
  /** Lets it through and cuts the connection: its answer never comes. */
  lose(): void;
}

/** A proxy in front of an HTTP endpoint that can stop requests, by what their body contains or all of them. */
export interface Gate {
  url: string;
  /** What becomes of a request from now on: it goes on, its connection is cut, or it is left without an answer. */
  mode: "pass" | "cut" | "hang";
  /** Requests so far, stopped ones too. */
  requests(): number;
  /** Stops the next request whose body contains `text`. Resolves when it is there. */
  hold(text: string): Promise<Held>;
  close(): Promise<void>;
}

export async function startGate(target: string): Promise<Gate> {
  const waiting: { text: string; stop: (held: Held) => void }[] = [];
  let requests = 0;
  const server = createServer(async (incoming, outgoing) => {
    requests++;
    if (gate.mode === "hang") return;
    if (gate.mode === "cut") return void incoming.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const forward = (isLost = false) => {
      const url = new URL(incoming.url ?? "/", target);
      const headers = { ...incoming.headers, host: url.host };
      const onward = send(url, { method: incoming.method, headers }, (answer) => {
        if (isLost) return void outgoing.destroy();
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      onward.end(body);
    };
    const index = waiting.findIndex(({ text }) => body.includes(text));
    if (index === -1) return forward();
    const [wanted] = waiting.splice(index, 1);
    wanted?.stop({ release: forward, drop: () => outgoing.destroy(), lose: () => forward(true) });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const gate: Gate = {
    url: `http://127.0.0.1:${port}`,
    mode: "pass",
    requests: () => requests,
    hold: (text) => new Promise((stop) => waiting.push({ text, stop })),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return gate;
}
