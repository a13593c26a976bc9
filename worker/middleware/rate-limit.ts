import { createMiddleware } from "hono/factory";
import type { Limiter, Limiters } from "../env.ts";
import { AppError } from "../errors.ts";
import type { Guard } from "../services/credentials.ts";
import type { AppContext, AppEnv } from "./app-context.ts";

const SECOND_MS = 1_000;
/** The period of the limits in wrangler.toml, in seconds. */
const PERIOD_S = 10;
const FAILURES_PERIOD_S = 60;
const REMEMBERED = 1_000;

/** Addresses whose failures were too many, and until when (epoch ms); the isolate's memory. */
export type Blocked = Map<string, number>;

/** Where a request comes from, as Cloudflare tells it. A network of IPv6 (/64) is one. */
export function addressOf(c: AppContext): string | undefined {
  const address = c.req.header("cf-connecting-ip");
  if (!address?.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(":").length;
  return [...groups, ...Array(Math.max(0, missing)).fill("0"), ...(tail?.split(":") ?? [])].slice(0, 4).join(":");
}

const tooMany = (detail: string, seconds: number) => new AppError("too_many_requests", detail, undefined, seconds);

async function isWithin(limiter: Limiter | undefined, key: string | undefined): Promise<boolean> {
  return !limiter || key === undefined || (await limiter.limit({ key })).success;
}

/** @throws AppError `too_many_requests`, for the address that a request comes from */
export const limitAddress = ({ address: limiter }: Limiters) =>
  createMiddleware<AppEnv>(async (c, next) => {
    if (!(await isWithin(limiter, addressOf(c)))) {
      throw tooMany("Too many requests come from this address. Wait as long as Retry-After says.", PERIOD_S);
    }
    await next();
  });

/** @throws AppError `too_many_requests`, for the key that a request comes with */
export async function limitKey(c: AppContext, keyId: string): Promise<void> {
  if (await isWithin(c.var.limiters.key, keyId)) return;
  throw tooMany("This key is used too often. Wait as long as Retry-After says.", PERIOD_S);
}

/**
 * Keeps an address from trying keys: after too many failures only credentials that were good lately are looked at, for a minute.
 * So a process with a wrong key does not lock out the others behind its address.
 */
export function guardOf(c: AppContext, blocked: Blocked): Guard | undefined {
  const address = addressOf(c);
  const limiter = c.var.limiters.failure;
  if (!limiter || address === undefined) return undefined;
  const { now } = c.var.context;
  const refusal = (until: number) =>
    tooMany(
      "Too many wrong keys came from this address. Wait as long as Retry-After says.",
      Math.max(1, Math.ceil((until - now()) / SECOND_MS)),
    );
  return {
    admit() {
      const until = blocked.get(address) ?? 0;
      if (now() < until) throw refusal(until);
    },
    async refused() {
      if (await isWithin(limiter, address)) return;
      const until = now() + FAILURES_PERIOD_S * SECOND_MS;
      blocked.delete(address);
      blocked.set(address, until);
      if (blocked.size > REMEMBERED) blocked.delete(blocked.keys().next().value as string);
      throw refusal(until);
    },
  };
}
