import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { AppError } from "../errors.ts";
import { type Credential, verify } from "../services/credentials.ts";
import { noteUse } from "../services/key-use.ts";
import type { AppContext, AppEnv } from "./app-context.ts";
import { limitKey } from "./rate-limit.ts";

const COOKIE = "tracing-toggle";
const CHANGES = /^(POST|PUT|PATCH|DELETE)$/;

/** The session cookie: its name without the `__Host-` prefix, and the options that keep it to this site. */
export const SESSION_COOKIE = {
  name: COOKIE,
  options: { prefix: "host", path: "/", secure: true, httpOnly: true, sameSite: "Strict" },
} as const;

/** The value of the session cookie, if there is one. */
export const sessionSecret = (c: AppContext): string | undefined => getCookie(c, COOKIE, "host");

/**
 * Refuses a request that a browser makes for another site. Needed wherever a cookie counts; programs that send no such
 * headers pass.
 *
 * @throws AppError `cross_origin`
 */
export function requireSameOrigin(c: AppContext): void {
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site");
  const foreign = (origin !== undefined && origin !== new URL(c.req.url).origin) || (site && site !== "same-origin");
  if (foreign) throw new AppError("cross_origin", "A change is accepted only from the settings page itself.");
}

function credentialOf(c: AppContext): Credential {
  const header = c.req.header("authorization");
  if (header !== undefined) {
    const [, secret] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
    if (secret) return { kind: "key", secret };
    throw new AppError("unauthenticated", "The Authorization header must be: Bearer <API key>.");
  }
  const secret = sessionSecret(c);
  if (secret) {
    if (CHANGES.test(c.req.method)) requireSameOrigin(c);
    return { kind: "session", secret };
  }
  throw new AppError("unauthenticated", "Send an API key: Authorization: Bearer <API key>.");
}

/**
 * Finds out who asks, by API key or by the page's session cookie.
 *
 * @param options.outlivesDatabase a credential accepted lately is good while the database is away
 * @param options.credential where another credential is looked for than in the headers
 */
export const authenticate = (
  options: { outlivesDatabase?: boolean; credential?: (c: AppContext) => Credential } = {},
) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const { credential = credentialOf } = options;
    const given = credential(c);
    const { principal } = await verify(c.var.context, c.var.memory, given, { ...options, guard: c.var.guard });
    await limitKey(c, principal.actor.id);
    c.set("principal", principal);
    c.set("credential", given);
    await next();
    noteUse(c.var.context, c.var.keyUse, principal.actor.id);
  });
