import { SCOPES, type Scope } from "./domain/api-key.ts";

/** The Worker's bindings: variables of wrangler.toml and secrets. */
export interface Env {
  DATABASE_URL?: string;
  UPSTASH_REDIS_REST_URL?: string;
  UPSTASH_REDIS_REST_TOKEN?: string;
  /** Another place than Neon's own for SQL over HTTP; the local stack sets it. */
  NEON_FETCH_ENDPOINT?: string;
  ENABLED_TTL_SECONDS?: string | number;
  DISABLED_TTL_SECONDS?: string | number;
  EVENTS_RETENTION_DAYS?: string | number;
  /** Such as `https://ops.example.com, https://intranet.example.com`. */
  CORS_ORIGINS?: string;
  /** Such as `example.cloudflareaccess.com`. */
  ACCESS_TEAM_DOMAIN?: string;
  ACCESS_AUDIENCE?: string;
  /** Such as `admin:alice@example.org, write:*@example.org`. */
  ACCESS_SCOPES?: string;
  ADDRESS_LIMITER?: Limiter;
  KEY_LIMITER?: Limiter;
  FAILURE_LIMITER?: Limiter;
}

/** How long `tracing:<project_id>:enabled` lives in Redis, in milliseconds. */
export interface Lifetimes {
  enabledMs: number;
  disabledMs: number;
}

/** What can be chosen, apart from where the stores are. */
export interface Options {
  lifetimes: Lifetimes;
  /** How long events are kept, in milliseconds; null for ever. */
  eventsRetentionMs: number | null;
  /** The origins whose pages may call the API with an API key. */
  corsOrigins: readonly string[];
  limiters: Limiters;
  /** Sign-in by Cloudflare Access; undefined where it is not used. */
  access?: Access | undefined;
}

/** Whose assertions are believed, and what they allow. */
export interface Access {
  /** The team's domain, as a URL without a path. */
  issuer: string;
  /** The application's audience tag. */
  audience: string;
  /** `pattern` is an e-mail address, `*@` and a domain, a service token's client id, or `*`; in lower case. */
  scopes: { scope: Scope; pattern: string }[];
}

/** A rate limit of the platform's: its binding. */
export interface Limiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** The rate limits; one whose binding is missing limits nothing. */
export interface Limiters {
  /** Requests of one address. */
  address?: Limiter | undefined;
  /** Requests with one key. */
  key?: Limiter | undefined;
  /** Wrong keys and sessions of one address. */
  failure?: Limiter | undefined;
}

/** The environment, checked. */
export interface Settings {
  databaseUrl: string;
  neonEndpoint: string | undefined;
  redisUrl: string;
  redisToken: string;
  options: Options;
}

/** A variable or secret is missing or wrong. The message names it and the remedy. */
export class ConfigurationError extends Error {}

function required(env: Env, name: "DATABASE_URL" | "UPSTASH_REDIS_REST_URL" | "UPSTASH_REDIS_REST_TOKEN"): string {
  const value = env[name]?.trim();
  if (!value) throw new ConfigurationError(`The secret ${name} is not set: npx wrangler secret put ${name}`);
  return value;
}

// The drivers would fail at every request instead, with the whole URL in the message.
function databaseUrl(env: Env): string {
  const value = required(env, "DATABASE_URL");
  const url = URL.parse(value);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || !url.username || !url.hostname || url.pathname.length < 2) {
    throw new ConfigurationError("DATABASE_URL is not a Postgres URL, such as postgres://user:password@host/database");
  }
  return value;
}

function redisUrl(env: Env): string {
  const value = required(env, "UPSTASH_REDIS_REST_URL");
  if (!/^https?:$/.test(URL.parse(value)?.protocol ?? "")) {
    throw new ConfigurationError(
      "UPSTASH_REDIS_REST_URL is not an https URL, as Upstash's console shows it under REST",
    );
  }
  return value;
}

const HOUR_S = 3_600;
const YEAR_S = 365 * 24 * HOUR_S;

function seconds(
  env: Env,
  name: "ENABLED_TTL_SECONDS" | "DISABLED_TTL_SECONDS",
  fallback: number,
  least: number,
): number {
  const value = Number(env[name] ?? fallback);
  if (!Number.isInteger(value) || value < least || value > YEAR_S) {
    throw new ConfigurationError(`The variable ${name} must be a whole number of seconds from ${least} to ${YEAR_S}`);
  }
  return value * 1_000;
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 3_650;

function retention({ EVENTS_RETENTION_DAYS }: Env): number | null {
  const days = Number(EVENTS_RETENTION_DAYS || 0);
  if (!Number.isInteger(days) || days < 0 || days > MOST_DAYS) {
    throw new ConfigurationError(
      `The variable EVENTS_RETENTION_DAYS must be a whole number of days up to ${MOST_DAYS}, or 0 to keep events for ever`,
    );
  }
  return days === 0 ? null : days * DAY_MS;
}

function origins({ CORS_ORIGINS = "" }: Env): string[] {
  const all = CORS_ORIGINS.split(",").map((origin) => origin.trim());
  return all.filter(Boolean).map((origin) => {
    if (/^https?:/.test(origin) && URL.parse(origin)?.origin === origin) return origin;
    throw new ConfigurationError("The variable CORS_ORIGINS must list origins, such as https://ops.example.com");
  });
}

const LOOPBACK = /^(localhost|127\.0\.0\.1)$/;

function issuerOf(domain: string): string {
  const url = URL.parse(domain.includes("://") ? domain : `https://${domain}`);
  const isSafe = url && (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname)));
  if (isSafe && url.pathname === "/" && !url.search && !url.username) return url.origin;
  throw new ConfigurationError(
    "The variable ACCESS_TEAM_DOMAIN must be a domain, such as example.cloudflareaccess.com",
  );
}

function accessScopes(text: string): Access["scopes"] {
  const entries = text.split(",").map((entry) => entry.trim());
  return entries.filter(Boolean).map((entry) => {
    const [, scope, pattern] = /^(\w+):(\S+)$/.exec(entry) ?? [];
    if (pattern && SCOPES.includes(scope as Scope)) return { scope: scope as Scope, pattern: pattern.toLowerCase() };
    throw new ConfigurationError(
      `The variable ACCESS_SCOPES must list who may do what, such as admin:alice@example.org, read:*@example.org; the scopes are ${SCOPES.join(", ")}`,
    );
  });
}

function accessOf(env: Env): Access | undefined {
  const domain = env.ACCESS_TEAM_DOMAIN?.trim();
  if (!domain) return undefined;
  const audience = env.ACCESS_AUDIENCE?.trim();
  if (!audience) {
    throw new ConfigurationError("ACCESS_TEAM_DOMAIN is set: ACCESS_AUDIENCE must be, too: the application's AUD tag");
  }
  return { issuer: issuerOf(domain), audience, scopes: accessScopes(env.ACCESS_SCOPES ?? "") };
}

/** @throws ConfigurationError */
export function readEnv(env: Env): Settings {
  return {
    databaseUrl: databaseUrl(env),
    neonEndpoint: env.NEON_FETCH_ENDPOINT || undefined,
    redisUrl: redisUrl(env),
    redisToken: required(env, "UPSTASH_REDIS_REST_TOKEN"),
    options: {
      lifetimes: {
        enabledMs: seconds(env, "ENABLED_TTL_SECONDS", 300, 1),
        // Off is renewed at half of its lifetime at the latest: the cron must have the time for that.
        disabledMs: seconds(env, "DISABLED_TTL_SECONDS", 604_800, HOUR_S),
      },
      eventsRetentionMs: retention(env),
      corsOrigins: origins(env),
      access: accessOf(env),
      limiters: { address: env.ADDRESS_LIMITER, key: env.KEY_LIMITER, failure: env.FAILURE_LIMITER },
    },
  };
}
