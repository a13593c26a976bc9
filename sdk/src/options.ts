import type { Decision } from "./project.ts";

/** Anything with `mget`, such as an `@upstash/redis` or `ioredis` instance. */
export interface RedisClient {
  /** The keys' values in their order, null for one that is not there; parsed as JSON or not. A rejection counts as a failure. */
  mget(...keys: string[]): Promise<unknown[]>;
}

/** Where a warning is logged. `console` fits. */
export interface Logger {
  /** What it throws is ignored. */
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
  /** Where warnings go, once each: that the policy is not told and what applies instead; null for nowhere. Default: `console`. */
  logger?: Logger | null | undefined;
  /** `live()` of `tracing-toggle/live`: changes are pushed to this process. Default: none, it polls. */
  live?: Part<LiveHooks> | undefined;
  /** `usage()` of `tracing-toggle/usage`: what was decided is reported to the API. Default: none. */
  usage?: Part<UsageHooks> | undefined;
  /** Called with every decision made because neither Redis nor the API told the policy, and the project's id. */
  onFallback?: ((decision: Decision, projectId: string) => void) | undefined;
  /** Keeps a background refresh alive on edge runtimes, as `import { waitUntil } from "cloudflare:workers"` does. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** Default: the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /** The clock, in epoch milliseconds. Default: `Date.now`. */
  now?: (() => number) | undefined;
}

/** What a sub-export makes, to be given to one client as an option. */
export type Part<Hooks> = (settings: Settings) => Hooks;

/** What the live part is told. None of this throws or waits. */
export interface LiveHooks {
  /**
   * A project is used for the first time, or again after it was forgotten.
   *
   * @param update asks for its policy now, if anybody may be asked, and resolves to the version held then; never rejects
   */
  follow(projectId: string, update: () => Promise<number | undefined>): void;
  close(): void;
}

/** What the usage part is told. None of this throws, and only `flush` waits. */
export interface UsageHooks {
  count(projectId: string, decision: Decision): void;
  flush(): Promise<void>;
  close(): void;
}

/** Where to ask, and the secret that lets us. */
export interface Address {
  url: string;
  secret: string;
}

/** The options with every default filled in. */
export interface Settings {
  /** In lower case; empty for none. */
  projectId: string;
  redis: Address | RedisClient | undefined;
  api: Address | undefined;
  maxAgeMs: number;
  timeoutMs: number;
  maxProjects: number;
  whenUnavailable: "trace" | "skip";
  logger: Logger | null;
  waitUntil: (work: Promise<unknown>) => void;
  fetch: typeof fetch;
  now: () => number;
  live: TracingToggleOptions["live"];
  usage: TracingToggleOptions["usage"];
  onFallback: (decision: Decision, projectId: string) => void;
  /** Promises may be shared between requests: not in workerd, where one request must not await another's I/O. */
  shared: boolean;
}

/** The parts of the global object that not every runtime has. */
const runtime = globalThis as {
  process?: { env?: Record<string, string | undefined> };
  navigator?: { userAgent?: string };
};

function check(holds: unknown, option: string, expected: string): void {
  if (!holds) throw new TypeError(`tracing-toggle: ${option} must be ${expected}`);
}

/** What an option says of an endpoint, else what the environment says in `<prefix>URL` and `<prefix><SECRET>`. */
function addressOf(option: string, given: unknown, secretName: string, prefix: string): Address | undefined {
  const env = runtime.process?.env;
  const read = (name: string): string => {
    const value = given === undefined ? env?.[prefix + name.toUpperCase()] : Object(given)[name];
    return `${value ?? ""}`;
  };
  const url = read("url").replace(/\/+$/, "");
  const secret = read(secretName);
  if (!given && !url && !secret) return undefined;
  // `fetch` refuses a URL with credentials, and other characters in a header, and would put them into the message.
  const isValid = /^https?:\/\/[^\s@]+ [!-~]+$/.test(`${url} ${secret}`);
  check(isValid, option, `an http(s) url and a ${secretName}`);
  return { url, secret };
}

/** Whether Redis is asked by a client that was given. */
export const isClient = (redis: unknown): redis is RedisClient =>
  typeof (redis as RedisClient | undefined)?.mget === "function";

/**
 * Checks the options, and fills in the defaults and what the environment has.
 *
 * @throws TypeError that names the option and what it must be
 */
export function normalizeOptions(options?: TracingToggleOptions): Settings {
  /** Of the same type as the option must be. */
  const defaults: Partial<Settings> = {
    projectId: runtime.process?.env?.TRACING_TOGGLE_PROJECT_ID ?? "",
    maxAgeMs: 1_000,
    timeoutMs: 200,
    maxProjects: 1_000,
    whenUnavailable: "trace",
    logger: console,
    waitUntil() {},
    onFallback() {},
    fetch: (input, init) => fetch(input, init),
    now: Date.now,
  };
  const settings = { ...options } as unknown as Settings & Record<string, unknown>;
  for (const [name, fallback] of Object.entries(defaults)) {
    const value = settings[name] === undefined ? fallback : settings[name];
    check(typeof value === typeof fallback, name, `a ${typeof fallback}`);
    if (typeof value === "number") {
      const least = name === "maxAgeMs" ? 0 : 1;
      check(value >= least && value < 2 ** 31, name, `${least} to 2^31`); // what a timer takes
    }
    settings[name] = value;
  }
  const { redis, whenUnavailable } = settings;
  check(whenUnavailable === "trace" || whenUnavailable === "skip", "whenUnavailable", "trace or skip");
  settings.projectId = settings.projectId.toLowerCase();
  if (!isClient(redis)) settings.redis = addressOf("redis", redis, "token", "UPSTASH_REDIS_REST_");
  settings.api = addressOf("api", settings.api, "key", "TRACING_TOGGLE_API_");
  settings.shared = runtime.navigator?.userAgent !== "Cloudflare-Workers";
  check(settings.redis || settings.api, "redis or api", "given");
  return settings;
}

/** Calls what we were given: if that fails, now or later, it must not hurt the request. */
export function safely(work: () => unknown): void {
  try {
    (work() as Promise<unknown> | undefined)?.catch(() => {}); // what is no promise makes it throw
  } catch {}
}

export function say({ logger }: Settings, message: string): void {
  safely(() => logger?.warn(`tracing-toggle: ${message}`));
}

export function keepAlive({ waitUntil }: Settings, work: Promise<unknown>): void {
  safely(() => waitUntil(work));
}
