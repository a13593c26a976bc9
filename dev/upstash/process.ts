/**
 * The cache of the local stack, as a child process: `fork` it with an IPC channel.
 *
 * | variable | meaning |
 * |---|---|
 * | `REDIS_URL` | a real Redis to put behind the endpoint, instead of the embedded one |
 * | `REDIS_PORT` | preferred port of the embedded Redis (a free one when it is taken, or when absent) |
 * | `UPSTASH_PORT` | preferred port of the endpoint (likewise) |
 * | `UPSTASH_REDIS_REST_TOKEN` | the token that may do everything |
 * | `UPSTASH_REDIS_REST_READONLY_TOKEN` | the token that may only read |
 *
 * Sends `{type: "ready", url, redisUrl}`, or `{type: "failed", message}` with one sentence for the user.
 */
import { runAsChild } from "../child.ts";
import { onPreferredPort } from "../listen.ts";
import { type EmbeddedRedis, startEmbeddedRedis } from "./embedded.ts";
import { startUpstashEndpoint } from "./endpoint.ts";

const { REDIS_URL, REDIS_PORT, UPSTASH_PORT } = process.env;

await runAsChild(async () => {
  const tokens = {
    token: required("UPSTASH_REDIS_REST_TOKEN"),
    readOnlyToken: required("UPSTASH_REDIS_REST_READONLY_TOKEN"),
  };
  const redis: EmbeddedRedis = REDIS_URL
    ? { url: REDIS_URL, close: async () => {} }
    : await onPreferredPort(Number(REDIS_PORT ?? 0), (port) => startEmbeddedRedis({ port }));
  const endpoint = await onPreferredPort(Number(UPSTASH_PORT ?? 0), (port) =>
    startUpstashEndpoint({ ...tokens, redisUrl: redis.url, port }),
  ).catch((error) => {
    throw new Error(
      `Redis at ${URL.parse(redis.url)?.host ?? "REDIS_URL"} cannot be used (${error.message}): start it, correct REDIS_URL, or unset it to use the embedded one.`,
    );
  });
  return {
    ready: { url: endpoint.url, redisUrl: redis.url },
    async close() {
      await endpoint.close();
      await redis.close();
    },
  };
});

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set.`);
  return value;
}
