import { Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { AppContext, AppEnv } from "../middleware/app-context.ts";
import { requireSameOrigin, SESSION_COOKIE, sessionSecret, whoIsSignedIn } from "../middleware/authenticate.ts";
import { parseBody } from "../middleware/parse.ts";
import { signIn, signOut, type Verified } from "../services/credentials.ts";
import { signInBody } from "./schemas.ts";

const { name, options } = SESSION_COOKIE;

function sessionJson({ principal, expiresAt }: Verified) {
  const { actor, scopes, projectId } = principal;
  return {
    key: { id: actor.id, name: actor.name },
    scopes,
    project_id: projectId,
    expires_at: new Date(expiresAt).toISOString(),
  };
}

async function endSession(c: AppContext): Promise<void> {
  const secret = sessionSecret(c);
  if (secret) await signOut(c.var.context, c.var.memory, secret);
}

export const session = new Hono<AppEnv>()
  .get("/", async (c) => {
    const found = await whoIsSignedIn(c);
    // Without a cookie to be nobody is no failure: a browser would write one to its console.
    return found ? c.json(sessionJson(found)) : c.body(null, 204);
  })
  .post("/", async (c) => {
    requireSameOrigin(c);
    const { key } = await parseBody(c, signInBody);
    const { secret, ...signedIn } = await signIn(c.var.context, c.var.memory, key, c.var.guard);
    await endSession(c);
    const maxAge = Math.floor((signedIn.expiresAt - c.var.context.now()) / 1_000);
    setCookie(c, name, secret, { ...options, maxAge });
    return c.json(sessionJson(signedIn));
  })
  .delete("/", async (c) => {
    requireSameOrigin(c);
    await endSession(c);
    deleteCookie(c, name, options);
    return c.body(null, 204);
  });
