import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { Access } from "../env.ts";
import { AppError } from "../errors.ts";
import type { Verified } from "./credentials.ts";

/** Cloudflare Access signs with this alone. */
const ALGORITHMS = ["RS256"];
/** A key that is not known is looked for again after so long, so that a rotation is seen and made-up ids cost nothing. */
const LOOK_AGAIN_MS = 5_000;
const CLOCKS_DIFFER_S = 5;

/** Verifies the assertion that Cloudflare Access sends with each request that it let through. */
export type VerifyAssertion = (assertion: string, now: number) => Promise<Verified>;

const badAssertion = () =>
  new AppError("unauthenticated", "Cloudflare Access has not signed you in here. Reload the page, or send an API key.");

/** Who it is: a person by e-mail address, a service token by its client id. */
function identityOf({ email, common_name: service }: JWTPayload): { id: string; via: "page" | "api" } | undefined {
  if (typeof email === "string" && email !== "") return { id: email.toLowerCase(), via: "page" };
  if (typeof service === "string" && service !== "") return { id: service.toLowerCase(), via: "api" };
  return undefined;
}

const isMeant = (pattern: string, identity: string): boolean =>
  pattern === identity || pattern === "*" || (pattern.startsWith("*@") && identity.endsWith(pattern.slice(1)));

/**
 * Keys are fetched from the team's domain when they are needed, and kept for 10 min.
 *
 * @returns throws AppError `unauthenticated`; `forbidden` for one whom no scope is given; `unavailable` when the keys cannot be had
 */
export function createAccess({ issuer, audience, scopes }: Access): VerifyAssertion {
  const keys = createRemoteJWKSet(new URL("/cdn-cgi/access/certs", issuer), { cooldownDuration: LOOK_AGAIN_MS });
  return async (assertion, now) => {
    const options = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCKS_DIFFER_S };
    const { payload } = await jwtVerify(assertion, keys, {
      ...options,
      currentDate: new Date(now),
      requiredClaims: ["exp"],
    }).catch((error) => {
      // What else is thrown is about fetching the keys.
      const isBad =
        error instanceof errors.JOSEError && !/^ERR_(JOSE_GENERIC|JWKS_TIMEOUT|JWKS_INVALID)$/.test(error.code);
      if (isBad) throw badAssertion();
      throw new AppError("unavailable", "The keys of Cloudflare Access cannot be had right now. Try again.");
    });
    const identity = identityOf(payload);
    if (!identity) throw badAssertion();
    const { id, via } = identity;
    const given = scopes.filter(({ pattern }) => isMeant(pattern, id)).map(({ scope }) => scope);
    if (given.length === 0)
      throw new AppError("forbidden", `Nothing is allowed to ${id} here. Ask an admin for a scope.`);
    return {
      principal: {
        actor: { id, name: id, via },
        scopes: [...new Set(given)],
        projectId: null,
        keyEnds: Number.POSITIVE_INFINITY,
        hasKey: false,
      },
      expiresAt: (payload.exp as number) * 1_000,
    };
  };
}
