import { inWorkerd, type Settings } from "./options.ts";

/** What the API answers to `GET /projects/:id/tracing`. */
export interface ApiAnswer {
  status: 200 | 404 | 410;
  enabled?: unknown;
  policy?: unknown;
}

// Next.js caches a GET unless told not to; workerd caches none of ours, and refuses the field.
const uncached = (): RequestInit => (inWorkerd() ? {} : { cache: "no-store" });

/** What went wrong, in a line fit for a log; whatever was thrown. */
export function describe(error: unknown): string {
  try {
    const { message = error, cause } = (error ?? {}) as { message?: unknown; cause?: { code?: unknown } };
    return `${message}`.slice(0, 200) + (cause?.code ? ` (${cause.code})` : "");
  } catch {
    return "an error without a message";
  }
}

/** Whether an endpoint said that the credentials are wrong or may not do this: by REST or by a client. */
export const isRefusal = (message: string): boolean =>
  /^HTTP 40[13]|NOPERM|NOAUTH|WRONGPASS|Unauthorized/.test(message);

async function get(settings: Settings, url: string, secret: string, signal: AbortSignal): Promise<Response> {
  const init = { headers: { authorization: `Bearer ${secret}` }, redirect: "manual", signal, ...uncached() } as const;
  try {
    return await settings.fetch(url, init);
  } catch (error) {
    // A connection kept alive may have died while the process was frozen: that says nothing of the endpoint.
    if (signal.aborted || !/RESET|PIPE|SOCKET/.test(describe(error))) throw error;
    return settings.fetch(url, init);
  }
}

/** The body, or undefined when it is not JSON; a parser's message would put pieces of the body into the log. */
const bodyOf = (response: Response): Promise<Record<string, unknown> | undefined> =>
  response.json().catch(() => undefined) as Promise<Record<string, unknown> | undefined>;

/**
 * One `MGET`, as one GET request to Upstash's REST endpoint or by the given client.
 *
 * @throws an Error on anything that is not as many values as keys
 */
export async function readRedis(settings: Settings, keys: string[], signal: AbortSignal): Promise<unknown[]> {
  const redis = settings.redis as NonNullable<Settings["redis"]>;
  let values: unknown;
  if ("mget" in redis) values = await redis.mget(...keys);
  else {
    const path = keys.map(encodeURIComponent).join("/");
    const response = await get(settings, `${redis.url}/mget/${path}`, redis.token, signal);
    const body = await bodyOf(response);
    if (!response.ok) throw new Error(`HTTP ${response.status} ${body?.error ?? ""}`.trim());
    values = body?.result;
  }
  if (!Array.isArray(values) || values.length !== keys.length) throw new Error("an answer that is not an MGET's");
  return values;
}

/**
 * Asks the API for a project's policy; the API fills Redis on the way.
 *
 * @throws an Error on any answer but 200, 404 and 410
 */
export async function readApi(settings: Settings, projectId: string, signal: AbortSignal): Promise<ApiAnswer> {
  const { url, key } = settings.api as NonNullable<Settings["api"]>;
  const base = url.replace(/\/api\/v1$/, "");
  const path = `/api/v1/projects/${encodeURIComponent(projectId)}/tracing`;
  const response = await get(settings, base + path, key, signal);
  const { status } = response;
  if (status === 200) return { ...(await bodyOf(response)), status };
  response.body?.cancel().catch(() => {}); // frees the connection
  if (status === 404 || status === 410) return { status };
  throw new Error(`HTTP ${status}`);
}

/**
 * Runs `work` with a signal that aborts after `ms`, and rejects then even when `work` ignores the signal.
 *
 * @param ends takes a function for as long as the work is under way, which ends it at once
 */
export function bounded<T>(ms: number, ends: Set<() => void>, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      ends.delete(end);
      reject(new Error(`no answer within ${Math.round(ms)} ms`));
      controller.abort();
    };
    const timer = setTimeout(end, ms);
    ends.add(end);
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        ends.delete(end);
      });
  });
}
