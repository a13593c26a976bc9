import { Redis } from "@upstash/redis";
import { startEmbeddedRedis } from "../../dev/upstash/embedded.ts";
import type { UpstashEndpoint } from "../../dev/upstash/endpoint.ts";
import { realServer } from "./real-servers.ts";

export const token = "full-token";
export const readOnlyToken = "read-only-token";

/** A key of this run: a real server may hold others. */
export const key = (name: string): string => `local-stack:${process.pid}:${name}`;

/** The servers that a suite runs on, by name: a new embedded Redis, and a real one where there is one. */
export async function openRedises(): Promise<{ servers: [name: string, url: string][]; close(): Promise<void> }> {
  const embedded = await startEmbeddedRedis();
  const real = realServer("TEST_REDIS_URL");
  return {
    servers: [
      ["the embedded Redis", embedded.url],
      ...(real ? [["a real Redis", real] satisfies [string, string]] : []),
    ],
    close: embedded.close,
  };
}

/** Upstash's client as it comes, except that it does not try again. */
export function client(url: string, use = token): Redis {
  return new Redis({ url, token: use, retry: { retries: 0 }, enableTelemetry: false });
}

/** A request without the client. */
export async function rest(
  endpoint: UpstashEndpoint,
  path: string,
  init: RequestInit & { token?: string } = {},
): Promise<{ status: number; body: unknown }> {
  const headers = { Authorization: `Bearer ${init.token ?? token}`, ...(init.headers as Record<string, string>) };
  const response = await fetch(`${endpoint.url}${path}`, { ...init, headers });
  return { status: response.status, body: await response.json() };
}

/** The body of a request, in JSON. */
export const post = (body: unknown): RequestInit => ({ method: "POST", body: JSON.stringify(body) });

/** Removes the keys of this run. */
export async function removeKeys(redis: Redis): Promise<void> {
  const keys = await redis.keys(key("*"));
  if (keys.length > 0) await redis.del(...keys);
}
