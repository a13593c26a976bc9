import { createHash, timingSafeEqual } from "node:crypto";
import { ProxyError } from "./errors.ts";

interface Credentials {
  user: string;
  password: string;
  database: string;
}

/**
 * Makes the check of the `Neon-Connection-String` header: user, password and database must be those of `expected`.
 * The host is not compared: the endpoint stands in for any.
 *
 * @returns a function that throws the error that Neon's proxy would answer with. A wrong password is HTTP 400 with a
 *   message and an empty code, not 28P01, since the proxy checks it itself.
 *   Source: neondatabase/neon, proxy/src/serverless/{error,sql_over_http}.rs and test_runner/regress/test_proxy.py.
 */
export function credentialsCheck(expected: string): (header: string | undefined) => void {
  const wanted = parse(expected);
  return (header) => {
    if (header === undefined) throw new ProxyError("invalid header: neon-connection-string");
    const given = parse(header);
    if (given.password === "" && wanted.password !== "") {
      throw new ProxyError("missing authentication credentials: required password");
    }
    if (given.user !== wanted.user || !isSameSecret(given.password, wanted.password)) {
      throw new ProxyError(`password authentication failed for user '${given.user}'`);
    }
    if (given.database !== wanted.database) {
      throw new ProxyError(`database "${given.database}" does not exist`, { code: "3D000" });
    }
  };
}

function parse(connectionString: string): Credentials {
  const url = URL.parse(connectionString);
  if (url === null) throw new ProxyError("invalid connection string: not a URL");
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") throw new ProxyError("incorrect scheme");
  try {
    const user = decodeURIComponent(url.username);
    const database = decodeURIComponent(url.pathname.slice(1));
    if (user === "") throw new ProxyError("missing username");
    if (database === "") throw new ProxyError("missing database name");
    return { user, password: decodeURIComponent(url.password), database };
  } catch (error) {
    if (error instanceof ProxyError) throw error;
    throw new ProxyError("invalid connection string: malformed percent-encoding");
  }
}

function isSameSecret(a: string, b: string): boolean {
  const digest = (secret: string) => createHash("sha256").update(secret).digest();
  return timingSafeEqual(digest(a), digest(b));
}
