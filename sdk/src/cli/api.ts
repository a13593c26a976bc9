import type { Operations } from "../api-types.ts";
import { CliError, EXIT, usageError } from "./errors.ts";
import { clean } from "./text.ts";

export type Answer<Name extends keyof Operations> = Operations[Name]["answer"];
export type Body<Name extends keyof Operations> = Operations[Name]["body"];

const TIMEOUT_MS = 10_000;

/** What a request has besides its name. */
export interface RequestParts<Name extends keyof Operations> {
  /** What stands for `{id}` and the like. */
  path?: Record<string, string>;
  query?: Partial<Record<keyof Operations[Name]["query"], string | undefined>>;
  body?: Body<Name>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Any answer, also one that says no. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  /** What its JSON parses to; undefined when it is none. */
  body: unknown;
  /** How long it took, in milliseconds. */
  tookMs: number;
}

/** The service says no, or nothing. `code` is the API's own, or `timeout`, `unreachable` or `unexpected_answer`. */
export class ApiError extends CliError {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(exitCodeOf(status, code), message);
    this.status = status;
    this.code = code;
  }
}

function exitCodeOf(status: number, code: string): number {
  if (status === 401 || status === 403) return EXIT.refused;
  if (status === 404 || status === 410) return code === "unexpected_answer" ? EXIT.failed : EXIT.notFound;
  if (status === 409 || status === 412 || status === 423) return EXIT.conflict;
  if (status === 400 || status === 422) return EXIT.usage;
  return status === 0 || status === 429 || status >= 500 ? EXIT.unavailable : EXIT.failed;
}

const REMEDIES: Record<string, string> = {
  unauthenticated: "Sign in again with tracing-toggle login, or set TRACING_TOGGLE_API_KEY.",
  reason_required: 'Say why: --reason "…".',
  version_mismatch: "Read the rules again with tracing-toggle rules, and give their version as --if-version.",
};

/** A value as one segment of a path. Without any, or as one of dots, it would be another path. @throws CliError */
function segmentOf(value: string): string {
  if (/^\.{0,2}$/.test(value)) throw usageError(`"${value}" cannot be asked for: no path can name it.`);
  return encodeURIComponent(value);
}

/** An answer that says no, as an error for people. */
function refusal({ status, headers, body }: RawAnswer): ApiError {
  const problem = body as { code?: unknown; detail?: unknown; request_id?: unknown } | undefined;
  const { code, detail, request_id: id } = problem ?? {};
  if (typeof code !== "string" || typeof detail !== "string") {
    const aside = status >= 300 && status < 400 ? " and sends us elsewhere, perhaps to a sign-in" : "";
    return new ApiError(
      status,
      "unexpected_answer",
      `What answers there is not Tracing Toggle's API (HTTP ${status}${aside}). Check the URL.`,
    );
  }
  const wait = headers.get("retry-after");
  const remedy = [REMEDIES[code], wait && `Try again in ${clean(wait)} s.`].filter(Boolean).join(" ");
  const trace = typeof id === "string" ? ` (${clean(code)}, request ${clean(id)})` : "";
  return new ApiError(status, code, `${clean(detail)}${remedy && ` ${remedy}`}${trace}`);
}

/** No answer, as an error for people. */
function silence(url: string, timeoutMs: number, error: unknown): ApiError {
  const { name, cause } = error as { name?: string; cause?: { code?: string; errors?: { code?: string }[] } };
  if (name === "TimeoutError")
    return new ApiError(
      0,
      "timeout",
      `${url} has not answered within ${timeoutMs / 1_000} s. Try again, or run tracing-toggle doctor.`,
    );
  const code = cause?.code ?? cause?.errors?.[0]?.code ?? "no connection";
  return new ApiError(0, "unreachable", `${url} cannot be reached (${code}). Check the URL and the network.`);
}

export type Api = ReturnType<typeof createApi>;

/** The API at a URL. Every request has a time limit, and none follows a redirect: the key is for that URL alone. */
export function createApi(url: string, key: string | undefined, fetchIt: typeof fetch, timeoutMs = TIMEOUT_MS) {
  async function raw(method: string, path: string, init: RequestInit = {}): Promise<RawAnswer> {
    const began = performance.now();
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetchIt(`${url}${path}`, {
        ...init,
        method,
        redirect: "manual",
        signal: init.signal ? AbortSignal.any([init.signal, limit]) : limit,
        headers: {
          accept: "application/json",
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(init.headers as Record<string, string>),
        },
      });
      const text = await response.text();
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch {}
      return { status: response.status, headers: response.headers, body, tookMs: performance.now() - began };
    } catch (error) {
      throw silence(url, timeoutMs, error);
    }
  }

  /** Carries out an operation. @throws ApiError when the API says no or nothing */
  async function call<Name extends keyof Operations>(
    name: Name,
    parts: RequestParts<Name> = {},
  ): Promise<Answer<Name>> {
    const [method = "", template = ""] = name.split(" ");
    const path = template.replace(/\{(\w+)\}/g, (_, parameter) => segmentOf(parts.path?.[parameter] ?? ""));
    const given = Object.entries(parts.query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const query = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
    const answer = await raw(method, `${path}${query}`, {
      headers: { ...(parts.body !== undefined && { "content-type": "application/json" }), ...parts.headers },
      ...(parts.body !== undefined && { body: JSON.stringify(parts.body) }),
      ...(parts.signal && { signal: parts.signal }),
    });
    const isDone =
      answer.status === 204 || (answer.status >= 200 && answer.status < 300 && typeof answer.body === "object");
    if (!isDone) throw refusal(answer);
    return answer.body as Answer<Name>;
  }

  /** A request that may be sent twice and is carried out once: sent again when no answer came. */
  async function callOnce<Name extends keyof Operations>(name: Name, parts: RequestParts<Name>): Promise<Answer<Name>> {
    const repeatable = { ...parts, headers: { ...parts.headers, "idempotency-key": crypto.randomUUID() } };
    return call(name, repeatable).catch((error) => {
      if (error instanceof ApiError && error.status === 0) return call(name, repeatable);
      throw error;
    });
  }

  return { url, raw, call, callOnce };
}
