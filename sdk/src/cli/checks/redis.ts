import { judge } from "../../decide.ts";
import { parsePolicy, redisKeys, saysOff } from "../../wire.ts";
import type { Context } from "../commands/command.ts";
import { howLong } from "../text.ts";
import type { Check, Seen } from "./check.ts";

const TIMEOUT_MS = 5_000;
const NAME = "own redis";

const wrong = (detail: string, remedy: string): Check => ({ name: NAME, result: "wrong", detail, remedy });

/** What Redis answered: a value, or its own complaint. */
interface Reply {
  result?: unknown;
  error?: unknown;
}

/** Upstash's REST endpoint, with this machine's own URL and token. */
function connect({ io }: Context, url: string, token: string) {
  return async (path: string, body: unknown): Promise<{ status: number; body: unknown }> => {
    const response = await io.fetch(`${url.replace(/\/+$/, "")}${path}`, {
      method: "POST",
      redirect: "manual",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  };
}

const lives = (name: string, milliseconds: unknown): string =>
  typeof milliseconds !== "number" || milliseconds === -2
    ? `${name} is missing`
    : milliseconds === -1
      ? `${name} has no end`
      : `${name} lives ${howLong(milliseconds)}`;

function judgeKeys(values: unknown[], lifetimes: unknown[] | undefined, seen: Seen | undefined, now: number): Check {
  const [enabled, document, version] = values;
  const policy = parsePolicy(document);
  const ttls = lifetimes
    ? ["enabled", "policy", "version"].map((name, i) => lives(name, lifetimes[i])).join(", ")
    : "the token may not read how long they live";
  if (document != null && !policy)
    return wrong(
      "The policy document in Redis is damaged; agents ask the API.",
      "Any change writes it anew, such as tracing-toggle on or off.",
    );
  if (judge(enabled, policy, now) === "break_glass" || (saysOff(enabled) && lifetimes?.[0] === -1))
    return wrong(
      `An emergency stop holds tracing off for everyone (${ttls}).`,
      "If that is over: tracing-toggle on lifts it.",
    );
  if (!policy && seen)
    return wrong(
      `This Redis has no policy of the project; the API's has${seen.version === null ? " none either" : ` version ${seen.version}`}.`,
      "Compare UPSTASH_REDIS_REST_URL with the Worker's: agents must read the Redis that the Worker writes to.",
    );
  if (policy && seen?.version != null && policy.version !== seen.version)
    return wrong(
      `This Redis has version ${policy.version}, the API's has ${seen.version}.`,
      "Compare UPSTASH_REDIS_REST_URL with the Worker's; if they are the same, a replica lags.",
    );
  if (policy && Number(version) !== policy.version)
    return wrong(
      `The version key says ${version}, the document ${policy.version}.`,
      "Any change writes both anew, such as tracing-toggle on or off.",
    );
  if (!policy) return { name: NAME, result: "note", detail: `It answers, and has no policy of the project (${ttls}).` };
  return { name: NAME, result: "ok", detail: `version ${policy.version}; ${ttls}` };
}

/** Whether this machine reads the Redis that the API writes to, and what stands there. */
export async function checkRedis(context: Context, seen: Seen | undefined): Promise<Check[]> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = context.io.env;
  const { projectId } = context.settings;
  if (!url && !token)
    return [
      {
        name: NAME,
        result: "skipped",
        detail: "UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN are not set here.",
      },
    ];
  if (!url || !token)
    return [
      wrong(
        `UPSTASH_REDIS_REST_${url ? "TOKEN" : "URL"} is not set, the other is.`,
        "Set both: the SDK takes neither without the other.",
      ),
    ];
  if (!/^https?:\/\/[^\s@]+$/.test(url) || !/^[!-~]+$/.test(token))
    return [
      wrong(
        "UPSTASH_REDIS_REST_URL or UPSTASH_REDIS_REST_TOKEN has a form that cannot be right.",
        "Copy the REST URL (https://…) and the REST token from Upstash.",
      ),
    ];
  if (projectId === undefined) return [{ name: NAME, result: "skipped", detail: "There is no project." }];
  const ask = connect(context, url, token);
  const { enabled, policy, version } = redisKeys(projectId);
  const keys = [enabled, policy, version];
  try {
    const read = await ask("", ["MGET", ...keys]);
    const { result, error } = (read.body ?? {}) as Reply;
    if (read.status === 401 || read.status === 403)
      return [
        wrong(
          `Redis refuses the token (HTTP ${read.status}).`,
          "Copy UPSTASH_REDIS_REST_TOKEN anew from Upstash; a read-only token is enough.",
        ),
      ];
    if (typeof error === "string" && /NOPERM/.test(error))
      return [wrong("The token may not read the project's keys.", `Give its user ~tracing:${projectId}:* +mget +get.`)];
    if (!Array.isArray(result))
      return [
        wrong(
          `What answers there is not Upstash's REST API, or is out of order (HTTP ${read.status}).`,
          "Check UPSTASH_REDIS_REST_URL: it is the REST URL, not redis://.",
        ),
      ];
    const ttls = await ask(
      "/pipeline",
      keys.map((key) => ["PTTL", key]),
    );
    const replies = Array.isArray(ttls.body) ? (ttls.body as Reply[]) : [];
    const lifetimes = replies.length === keys.length && replies.every((reply) => typeof reply.result === "number");
    return [judgeKeys(result, lifetimes ? replies.map((reply) => reply.result) : undefined, seen, context.io.now())];
  } catch (error) {
    const { name, cause } = error as { name?: string; cause?: { code?: string } };
    const why = name === "TimeoutError" ? `no answer within ${howLong(TIMEOUT_MS)}` : (cause?.code ?? "no connection");
    return [
      wrong(
        `This machine does not reach Redis: ${why}.`,
        "Check UPSTASH_REDIS_REST_URL, the network, and Upstash's status. Meanwhile the SDK asks the API.",
      ),
    ];
  }
}
