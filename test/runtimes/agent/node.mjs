// The agent in Node, with everything from the environment.
import { createServer } from "node:http";
import { agent } from "./answer.mjs";

const { answer } = agent(JSON.parse(process.env.OPTIONS));
const server = createServer(async (request, response) => response.end(await answer(request.url)));
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port, version: process.version }));
process.once("message", () => {
  server.close();
  server.closeIdleConnections();
  process.disconnect();
});
