import { inWorkerd, type Settings } from "./options.ts";

/** The endpoint answered that the credentials are wrong or may not do this. */
export class Refused extends Error {}

/** What the API answers to `GET /projects/:id/tracing`. */
export interface ApiAnswer {
  status: 200 | 404 | 410;
  enabled?: unknown;
  policy?: unknown;
}

// Next.js caches a GET unless told not to; workerd caches none of ours, and refuses the field.
const uncached = (): RequestInit => (inWorkerd() ? {} : { cache: "no-store" });

async function get(settings: Settings, url: string, secret: string, signal: AbortSignal): Promise<Response> {
  const init = { headers: { authorization: `Bearer ${secret}` }, redirect: "manual", signal, ...uncached() } as const;
  const response = await settings.fetch(url, init);
  if (response.status === 401 || response.status === 403) throw new Refused(`HTTP ${response.status}`);
  return response;
}

/**
 * One `MGET`, as one GET request to Upstash's REST endpoint or by the given client.
 *
 * @throws Refused on 401, 403 and `NOPERM`; an Error on anything else that is not as many values as keys
 */
export async function readRedis(settings: Settings, keys: string[], signal: AbortSignal): Promise<unknown[]> {
  const redis = settings.redis as NonNullable<Settings["redis"]>;
  let values: unknown;
  if ("mget" in redis) values = await redis.mget(...keys);
  else {
    const path = keys.map(encodeURIComponent).join("/");
    const response = await get(settings, `${redis.url}/mget/${path}`, redis.token, signal);
    const body = (await response.json()) as { result?: unknown; error?: unknown };
    if (/^(NOPERM|WRONGPASS|NOAUTH)/.test(`${body?.error}`)) throw new Refused("no permission");
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    values = body?.result;
  }
  if (!Array.isArray(values) || values.length !== keys.length) throw new Error("an answer that is not an MGET's");
  return values;
}

/**
 * Asks the API for a project's policy; the API fills Redis on the way.
 *
 * @throws Refused on 401 and 403; an Error on any answer but 200, 404 and 410
 */
export async function readApi(settings: Settings, projectId: string, signal: AbortSignal): Promise<ApiAnswer> {
  const { url, key } = settings.api as NonNullable<Settings["api"]>;
  const base = url.replace(/\/api\/v1$/, "");
  const path = `/api/v1/projects/${encodeURIComponent(projectId)}/tracing`;
  const response = await get(settings, base + path, key, signal);
  const { status } = response;
  if (status === 200) return { ...((await response.json()) as object), status };
  await response.body?.cancel(); // frees the connection
  if (status === 404 || status === 410) return { status };
  throw new Error(`HTTP ${status}`);
}

/**
 * Runs `work` with a signal that aborts after `ms`, and rejects then even when `work` ignores the signal.
 */
export function bounded<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${Math.round(ms)} ms`));
      controller.abort();
    }, ms);
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
