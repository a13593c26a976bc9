import { type Address, isClient, type Settings } from "./options.ts";

/** What went wrong, in a line fit for a log; whatever was thrown. */
export function describe(error: unknown): string {
  try {
    const { message = error, cause } = (error ?? {}) as { message?: unknown; cause?: { code?: unknown } };
    return `${message}${cause?.code ? ` (${cause.code})` : ""}`;
  } catch {
    return "an error";
  }
}

/**
 * One GET request.
 *
 * @returns the status and the fields of the JSON body, if it is an object
 * @throws an Error on any status but 2xx, 404 and 410
 */
export async function get(
  settings: Settings,
  address: Address,
  path: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const init: RequestInit = {
    headers: { authorization: `Bearer ${address.secret}` },
    redirect: "manual",
    signal,
    // Next.js caches a GET unless told not to; workerd caches none of ours, and refuses the field.
    ...(settings.shared && { cache: "no-store" }),
  };
  const ask = () => settings.fetch(address.url + path, init);
  // A connection kept alive may have died while the process was frozen: that says nothing of the endpoint.
  const response = await ask().catch(ask);
  const { status } = response;
  // A parser's message would put pieces of the body into the log.
  const body = (await response.json().catch(() => {})) as { error?: unknown } | undefined;
  if (!(response.ok || status === 404 || status === 410)) throw new Error(`HTTP ${status} ${body?.error ?? ""}`.trim());
  return { ...body, status };
}

/**
 * One `MGET`, as one GET request to Upstash's REST endpoint or by the given client.
 *
 * @param keys fit for a URL, unless it is a client that asks
 * @throws an Error on anything that is not as many values as keys
 */
export async function mget(settings: Settings, keys: string[], signal: AbortSignal): Promise<unknown[]> {
  const redis = settings.redis as NonNullable<Settings["redis"]>;
  const values = isClient(redis)
    ? await redis.mget(...keys)
    : (await get(settings, redis, `/mget/${keys.join("/")}`, signal)).result;
  if (!Array.isArray(values) || values.length !== keys.length) throw new Error("a wrong answer");
  return values;
}
