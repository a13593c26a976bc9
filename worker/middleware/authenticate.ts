import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { AppError } from "../errors.ts";
import type { VerifyAssertion } from "../services/access.ts";
import { type Credential, type Verified, verify } from "../services/credentials.ts";
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

function keyOf(c: AppContext): Credential | undefined {
  const header = c.req.header("authorization");
  if (header === undefined) return undefined;
  const [, secret] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
  if (secret) return { kind: "key", secret };
  throw new AppError("unauthenticated", "The Authorization header must be: Bearer <API key>.");
}

const isUnauthenticated = (error: unknown) => error instanceof AppError && error.code === "unauthenticated";

/** Who was found, and by what. */
type Found = Verified & { credential: AppEnv["Variables"]["credential"] };

async function byAssertion(c: AppContext, verifyAssertion: VerifyAssertion, assertion: string): Promise<Found> {
  try {
    const verified = await verifyAssertion(assertion, c.var.context.now());
    return { ...verified, credential: { kind: "access", secret: verified.principal.actor.id } };
  } catch (error) {
    if (isUnauthenticated(error)) await c.var.guard?.refused();
    throw error;
  }
}

/**
 * Who is signed in, on this page or by Cloudflare Access; undefined when nobody says so. A browser sends both along with whatever
 * a page of another site makes it ask, so a change must come from this one.
 */
export async function whoIsSignedIn(
  c: AppContext,
  options: { outlivesDatabase?: boolean } = {},
): Promise<Found | undefined> {
  const { verifyAssertion } = c.var;
  const assertion = verifyAssertion && c.req.header("cf-access-jwt-assertion");
  const secret = sessionSecret(c);
  if ((assertion || secret) && CHANGES.test(c.req.method)) requireSameOrigin(c);
  if (secret) {
    const credential: Credential = { kind: "session", secret };
    const guard = assertion ? undefined : c.var.guard;
    try {
      return { ...(await verify(c.var.context, c.var.memory, credential, { ...options, guard })), credential };
    } catch (error) {
      if (!assertion || !isUnauthenticated(error)) throw error; // a sign-in of the page's that has ended: Access' goes on
    }
  }
  return assertion ? byAssertion(c, verifyAssertion, assertion) : undefined;
}

/**
 * Finds out who asks: by API key, by the page's session cookie, or by Cloudflare Access where that is used.
 *
 * @param options.outlivesDatabase a credential accepted lately is good while the database is away
 * @param options.credential where another credential is looked for than in the headers
 */
export const authenticate = ({
  outlivesDatabase = false,
  credential,
}: {
  outlivesDatabase?: boolean;
  credential?: (c: AppContext) => Credential;
} = {}) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const key = credential ? credential(c) : keyOf(c);
    const options = { outlivesDatabase, guard: c.var.guard };
    const found = key
      ? { ...(await verify(c.var.context, c.var.memory, key, options)), credential: key }
      : await whoIsSignedIn(c, { outlivesDatabase });
    if (!found) throw new AppError("unauthenticated", "Send an API key: Authorization: Bearer <API key>.");
    const { principal } = found;
    await limitKey(c, principal.actor.id);
    c.set("principal", principal);
    c.set("credential", found.credential);
    await next();
    if (principal.hasKey) noteUse(c.var.context, c.var.keyUse, principal.actor.id);
  });
