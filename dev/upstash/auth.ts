import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { RestError } from "./errors.ts";

/** The two tokens of a database. */
export interface Tokens {
  token: string;
  readOnlyToken: string;
}

/**
 * Makes the check of a request's token: `Authorization: Bearer <token>` or `?_token=<token>`.
 * The returned function throws a 401 for a wrong or missing one.
 */
export function authentication({ token, readOnlyToken }: Tokens): (c: Context) => { readOnly: boolean } {
  const full = digest(token);
  const readOnly = digest(readOnlyToken);
  return (c) => {
    const given = digest(
      /^Bearer (.*)$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? c.req.query("_token") ?? "",
    );
    if (timingSafeEqual(given, full)) return { readOnly: false };
    if (timingSafeEqual(given, readOnly)) return { readOnly: true };
    throw new RestError("WRONGPASS invalid or missing auth token", 401);
  };
}

/** Digests have one length, so that comparing them takes the same time whatever the token. */
function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
