import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/** How a server can be away: it takes connections and never answers, or nobody listens. */
export type Mode = "black hole" | "refused";

/** The URL of a server that is away. */
export async function away(mode: Mode): Promise<string> {
  const server = createServer((socket) => socket.on("error", () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  if (mode === "refused") await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
