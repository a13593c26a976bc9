/** The Worker's bindings: variables of wrangler.toml and secrets. */
export interface Env {
  DATABASE_URL?: string;
  UPSTASH_REDIS_REST_URL?: string;
  UPSTASH_REDIS_REST_TOKEN?: string;
  /** Another place than Neon's own for SQL over HTTP; the local stack sets it. */
  NEON_FETCH_ENDPOINT?: string;
  ENABLED_TTL_SECONDS?: string | number;
  DISABLED_TTL_SECONDS?: string | number;
}

/** How long `tracing:<project_id>:enabled` lives in Redis, in milliseconds. */
export interface Lifetimes {
  enabledMs: number;
  disabledMs: number;
}

/** The environment, checked. */
export interface Settings {
  databaseUrl: string;
  neonEndpoint: string | undefined;
  redisUrl: string;
  redisToken: string;
  lifetimes: Lifetimes;
}

/** A variable or secret is missing or wrong. The message names it and the remedy. */
export class ConfigurationError extends Error {}

function required(env: Env, name: "DATABASE_URL" | "UPSTASH_REDIS_REST_URL" | "UPSTASH_REDIS_REST_TOKEN"): string {
  const value = env[name];
  if (!value) throw new ConfigurationError(`The secret ${name} is not set: npx wrangler secret put ${name}`);
  return value;
}

function seconds(env: Env, name: "ENABLED_TTL_SECONDS" | "DISABLED_TTL_SECONDS", fallback: number): number {
  const value = Number(env[name] ?? fallback);
  if (!Number.isInteger(value) || value < 1) {
    throw new ConfigurationError(`The variable ${name} must be a whole number of seconds, at least 1`);
  }
  return value * 1_000;
}

/** @throws ConfigurationError */
export function readEnv(env: Env): Settings {
  return {
    databaseUrl: required(env, "DATABASE_URL"),
    neonEndpoint: env.NEON_FETCH_ENDPOINT || undefined,
    redisUrl: required(env, "UPSTASH_REDIS_REST_URL"),
    redisToken: required(env, "UPSTASH_REDIS_REST_TOKEN"),
    lifetimes: {
      enabledMs: seconds(env, "ENABLED_TTL_SECONDS", 300),
      disabledMs: seconds(env, "DISABLED_TTL_SECONDS", 604_800),
    },
  };
}
