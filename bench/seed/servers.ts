// What the SDK asks in production, in a process of its own: the local stack's Upstash endpoint in front of an embedded
// Redis, and an API that knows one policy. Sends their URLs to the parent process.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startEmbeddedRedis } from "../../dev/upstash/embedded.ts";
import { startUpstashEndpoint } from "../../dev/upstash/endpoint.ts";
import { PROJECT, policy, publish, TOKEN } from "../sdk.ts";

export interface Servers {
  redis: string;
  api: string;
}

const redis = await startEmbeddedRedis();
const upstash = await startUpstashEndpoint({ redisUrl: redis.url, token: TOKEN, readOnlyToken: "read-only" });
await publish(upstash.url, PROJECT, policy({ sample_rate: 0.3 }));
const body = JSON.stringify({ enabled: true, policy: JSON.parse(policy({ sample_rate: 1 })) });
const api = createServer((_, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
});
await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
process.on("disconnect", () => process.exit());
process.send?.({
  redis: upstash.url,
  api: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
} satisfies Servers);
