/** Anything with `mget`, such as an `@upstash/redis` or `ioredis` instance. */
export interface RedisClient {
  mget(...keys: string[]): Promise<unknown[]>;
}

/** Where a warning or a change of state is logged. `console` fits. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}

/** Settings of {@link createTracingToggle}. Every one may be left out when the environment has it. */
export interface TracingToggleOptions {
  /** The project that is meant when a call names none. Default: `TRACING_TOGGLE_PROJECT_ID`. */
  projectId?: string | undefined;
  /**
   * Upstash's REST URL and a token (one that can only read is enough), or a client with `mget`; null for none.
   * Default: `UPSTASH_REDIS_REST_URL` and `UPSTASH_REDIS_REST_TOKEN`.
   */
  redis?: { url: string; token: string } | RedisClient | null | undefined;
  /**
   * The Worker's URL and a key with scope `report` or `read`; null for none. Asked when Redis misses or fails.
   * Default: `TRACING_TOGGLE_API_URL` and `TRACING_TOGGLE_API_KEY`.
   */
  api?: { url: string; key: string } | null | undefined;
  /** How old an answer may be, in milliseconds. 0 asks every time. Default: 1,000. */
  maxAgeMs?: number | undefined;
  /** How long a decision may take at most, in milliseconds, Redis and the API together. Default: 200. */
  timeoutMs?: number | undefined;
  /** What to answer as long as nothing has ever been known of a project. Default: `trace`. */
  whenUnavailable?: "trace" | "skip" | undefined;
  /** How many projects are remembered; past that the one unused for longest is forgotten. Default: 1,000. */
  maxProjects?: number | undefined;
  /** Where changes of state and warnings go, once each; null for nowhere. Default: `console`. */
  logger?: Logger | null | undefined;
  /** Keeps a background refresh alive on edge runtimes, as `import { waitUntil } from "cloudflare:workers"` does. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** Default: the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /** The clock, in epoch milliseconds. Default: `Date.now`. */
  now?: (() => number) | undefined;
}

/** The options with every default filled in. */
export interface Settings {
  projectId: string | undefined;
  redis: { url: string; token: string } | RedisClient | undefined;
  api: { url: string; key: string } | undefined;
  maxAgeMs: number;
  timeoutMs: number;
  whenUnavailable: "trace" | "skip";
  maxProjects: number;
  logger: Logger | undefined;
  waitUntil: (work: Promise<unknown>) => void;
  fetch: typeof fetch;
  now: () => number;
  /** Promises may be shared between requests: not in workerd, where one request must not await another's I/O. */
  shared: boolean;
}

type Environment = Record<string, string | undefined>;

const environment = (): Environment =>
  (globalThis as { process?: { env?: Environment } }).process?.env ?? ({} as Environment);

/** True in Cloudflare's runtime. */
export const inWorkerd = (): boolean =>
  (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";

function invalid(option: string, expected: string): never {
  throw new TypeError(`tracing-toggle: ${option} must be ${expected}`);
}

function httpUrl(option: string, value: unknown): string {
  let url: URL | undefined;
  try {
    url = new URL(value as string);
  } catch {}
  // `fetch` refuses a URL with credentials, and would put them into the message
  if (typeof value !== "string" || !url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    invalid(option, "an http(s) URL without a user name");
  }
  return value.trim().replace(/\/+$/, "");
}

// `fetch` refuses anything else in a header, and would put the secret into the message.
function secretText(option: string, value: unknown): string {
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value.trim())) invalid(option, "ASCII text without spaces");
  return value.trim();
}

/** Whether a project may have this id: longer ones, and halves of a character, only make an endpoint fail. */
export const isProjectId = (id: unknown): id is string => typeof id === "string" && /^\P{Surrogate}{1,200}$/u.test(id);

const MOST = 2 ** 31 - 1; // what a timer takes

function number(option: string, value: unknown, least: number): number {
  if (typeof value !== "number" || !(value >= least && value <= MOST)) {
    invalid(option, `a number from ${least} to ${MOST}`);
  }
  return value;
}

function method<T>(option: string, value: T): T {
  if (typeof value !== "function") invalid(option, "a function");
  return value;
}

/** What an option says, else what two variables of the environment say together, else undefined. */
function endpoint<K extends string>(option: string, given: unknown, secret: K, variables: [string, string]) {
  let value = given as { url?: unknown } & { [key in K]?: unknown };
  let names = [`${option}.url`, `${option}.${secret}`] as [string, string];
  if (given === undefined) {
    const [url, hidden] = variables.map((variable) => environment()[variable]);
    if (!url && !hidden) return undefined;
    value = { url, [secret]: hidden } as typeof value;
    names = variables;
  } else if (typeof given !== "object") invalid(option, `an object with url and ${secret}, or null`);
  if (value === null) return undefined;
  return { url: httpUrl(names[0], value.url), [secret]: secretText(names[1], value[secret]) } as { url: string } & {
    [key in K]: string;
  };
}

/**
 * Checks the options, and fills in the defaults and what the environment has.
 *
 * @throws TypeError that names the option (or the environment variable) and what it must be
 */
export function normalizeOptions(options: TracingToggleOptions = {}): Settings {
  if (typeof options !== "object" || options === null) invalid("options", "an object");
  const { redis, logger = console, whenUnavailable = "trace" } = options;
  const projectId = options.projectId ?? (environment().TRACING_TOGGLE_PROJECT_ID || undefined);
  if (projectId !== undefined && !isProjectId(projectId)) invalid("projectId", "a string of 1 to 200 characters");
  const isClient = typeof (redis as RedisClient | undefined)?.mget === "function";
  const settings: Settings = {
    projectId: projectId?.toLowerCase(),
    redis: isClient
      ? (redis as RedisClient)
      : endpoint("redis", redis, "token", ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"]),
    api: endpoint("api", options.api, "key", ["TRACING_TOGGLE_API_URL", "TRACING_TOGGLE_API_KEY"]),
    maxAgeMs: number("maxAgeMs", options.maxAgeMs ?? 1_000, 0),
    timeoutMs: number("timeoutMs", options.timeoutMs ?? 200, 1),
    maxProjects: number("maxProjects", options.maxProjects ?? 1_000, 1),
    whenUnavailable,
    logger: logger ?? undefined,
    waitUntil: method("waitUntil", options.waitUntil ?? (() => {})),
    fetch: method("fetch", options.fetch ?? ((input, init) => fetch(input, init))),
    now: method("now", options.now ?? Date.now),
    shared: !inWorkerd(),
  };
  if (whenUnavailable !== "trace" && whenUnavailable !== "skip") invalid("whenUnavailable", `"trace" or "skip"`);
  if (settings.logger) {
    method("logger.info", settings.logger.info);
    method("logger.warn", settings.logger.warn);
  }
  if (!settings.redis && !settings.api) invalid("redis or api", "given, in the options or in the environment");
  return settings;
}
