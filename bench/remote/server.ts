// What the subjects ask, in a process of its own: Upstash's REST API, OFREP and Edge Config, answering at once.
// Sends its URL to the parent process.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { policy, storedValue } from "../sdk.ts";

const DOCUMENT = policy({ sample_rate: 1 });
// Looked up and not made for each request: the server's work is the same for all subjects.
const VALUES = Object.fromEntries(
  ["enabled", "policy", "version"].map((name) => [name, storedValue(`:${name}`, DOCUMENT)]),
);

const answer = (method: string, path: string, body: string): unknown => {
  if (path.startsWith("/get/")) return { result: "true" };
  if (path.startsWith("/mget/")) {
    const keys = path.split("/").slice(2);
    return { result: keys.map((key) => VALUES[key.slice(key.lastIndexOf(":") + 1)]) };
  }
  if (path === "/pipeline") return JSON.parse(body).map(() => ({ result: "true" }));
  if (path.startsWith("/ofrep/")) return { key: "trace", value: true, variant: "on", reason: "TARGETING_MATCH" };
  if (path.startsWith("/ecfg_")) return true;
  throw new Error(`not expected: ${method} ${path}`);
};

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    const json = Buffer.from(JSON.stringify(answer(request.method ?? "", request.url ?? "", body)));
    response.writeHead(200, { "content-type": "application/json", "content-length": json.length });
    response.end(json);
  });
});
server.on("connection", (socket) => socket.setNoDelay(true));
server.listen(0, "127.0.0.1", () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on("disconnect", () => process.exit());
