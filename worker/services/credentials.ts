import { and, eq, gt, lt, sql } from "drizzle-orm";
import { parseKey, randomText, type Scope, sha256 } from "../domain/api-key.ts";
import { AppError } from "../errors.ts";
import { type ApiKeyRow, apiKeys, sessions } from "../store/schema.ts";
import type { Context, Principal } from "./context.ts";

/** What proves who asks: an API key, or the cookie of a sign-in. */
export type Credential = { kind: "key" | "session"; secret: string };

/** A principal, and until when the credential is good (epoch ms). */
export interface Verified {
  principal: Principal;
  expiresAt: number;
}

const TRUSTED_MS = 10_000;
const TRUSTED_WITHOUT_DATABASE_MS = 600_000;
// Where a credential outlives the database: how long it may take to answer, and how long it is then left alone.
const DATABASE_MAY_TAKE_MS = 500;
const DATABASE_REST_MS = 5_000;
const REMEMBERED = 1_000;
const SESSION_MS = 12 * 3_600_000;
const SESSION_SECRET_LENGTH = 43; // 256 bits

/** Watches over an address that tries credentials. */
export interface Guard {
  /** @throws AppError when credentials that are not known are not looked at */
  admit(): void;
  /** A credential was refused. @throws AppError when there were too many */
  refused(): Promise<void>;
}

interface Remembered extends Verified {
  verifiedAt: number;
  /** Until then the database is not waited for again, where the credential outlives it. */
  restUntil: number;
}

/** Credentials that were accepted lately, by their hash; the isolate's memory. */
export type CredentialMemory = Map<string, Remembered>;

const badKey = () =>
  new AppError("unauthenticated", "The API key is not valid. Check that it was copied whole and was not revoked.");
const badSession = () => new AppError("unauthenticated", "You are not signed in, or your session has ended. Sign in.");

function principalOf(key: ApiKeyRow, via: "api" | "page"): Principal {
  const actor = { id: key.selector, name: key.name, via };
  return { actor, scopes: key.scopes as Scope[], projectId: key.projectId, keyEnds: endOf(key), hasKey: true };
}

const isGood = (key: ApiKeyRow, now: number): boolean =>
  key.revokedAt === null && (key.expiresAt === null || key.expiresAt.getTime() > now);

const endOf = (key: ApiKeyRow): number => key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;

/** Whether two strings of the same length are equal, in a time that does not depend on where they differ. */
function constantTimeEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

async function loadKey(context: Context, selector: string, hash: string): Promise<Verified | undefined> {
  const [key] = await context.postgres.run((database) =>
    database.select().from(apiKeys).where(eq(apiKeys.selector, selector)),
  );
  if (!key || !constantTimeEqual(key.hash, hash) || !isGood(key, context.now())) return undefined;
  return { principal: principalOf(key, "api"), expiresAt: endOf(key) };
}

async function loadSession(context: Context, hash: string): Promise<Verified | undefined> {
  const now = new Date(context.now());
  const [found] = await context.postgres.run((database) =>
    database
      .select()
      .from(sessions)
      .innerJoin(apiKeys, eq(apiKeys.id, sessions.keyId))
      .where(and(eq(sessions.hash, hash), gt(sessions.expiresAt, now))),
  );
  if (!found || !isGood(found.api_keys, now.getTime())) return undefined;
  const expiresAt = Math.min(found.sessions.expiresAt.getTime(), endOf(found.api_keys));
  return { principal: principalOf(found.api_keys, "page"), expiresAt };
}

/** Forgets a key and its sessions, so that they are looked up again. */
export function forgetKey(memory: CredentialMemory, keyId: string): void {
  for (const [id, { principal }] of memory) if (principal.actor.id === keyId) memory.delete(id);
}

function remember(memory: CredentialMemory, hash: string, verified: Verified, now: number): void {
  memory.delete(hash);
  memory.set(hash, { ...verified, verifiedAt: now, restUntil: 0 });
  if (memory.size > REMEMBERED) memory.delete(memory.keys().next().value as string);
}

/**
 * Who a credential stands for. Remembered for 10 s, so that a revoked key dies within 10 s.
 *
 * @param options.outlivesDatabase a credential accepted within the last 10 min is good while the database is away
 * @param options.guard watches over whoever asks
 * @throws AppError `unauthenticated`, or `unavailable` when the database cannot tell
 */
export async function verify(
  context: Context,
  memory: CredentialMemory,
  credential: Credential,
  { outlivesDatabase = false, guard }: { outlivesDatabase?: boolean; guard?: Guard | undefined } = {},
): Promise<Verified> {
  const isKey = credential.kind === "key";
  const refused = async () => {
    await guard?.refused();
    return isKey ? badKey() : badSession();
  };
  const key = isKey ? await parseKey(credential.secret) : undefined;
  if (isKey && key === undefined) throw await refused();
  const hash = key?.hash ?? (await sha256(credential.secret));
  const id = `${credential.kind} ${hash}`; // a key in the cookie's place is no session
  const known = memory.get(id);
  if (!known) guard?.admit();
  const now = context.now();
  const age = known ? now - known.verifiedAt : Number.POSITIVE_INFINITY;
  if (known && age >= 0 && age < TRUSTED_MS && now < known.expiresAt) return known;
  const check = async () => {
    const verified = key ? await loadKey(context, key.selector, hash) : await loadSession(context, hash);
    if (!verified) {
      memory.delete(id);
      throw await refused();
    }
    remember(memory, id, verified, now);
    return verified;
  };
  const trusted = known && now < known.expiresAt && age < TRUSTED_WITHOUT_DATABASE_MS;
  if (!trusted || !outlivesDatabase) return check();
  if (age >= 0 && now < known.restUntil) return known;
  return unlessAway(context, check(), known);
}

/** What the database says of a credential accepted lately, or that it is good if the database is away or slow. */
async function unlessAway(context: Context, checking: Promise<Verified>, known: Remembered): Promise<Verified> {
  context.defer(checking.catch(() => {}));
  const slow = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => slow.resolve(undefined), DATABASE_MAY_TAKE_MS);
  try {
    const verified = await Promise.race([checking, slow.promise]);
    if (verified) return verified;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "unavailable")) throw error;
  } finally {
    clearTimeout(timer);
  }
  known.restUntil = context.now() + DATABASE_REST_MS;
  return known;
}

/**
 * Signs the page in with an API key: a new session of 12 h, or until the key ends.
 *
 * @returns the cookie's value, and who is signed in
 */
export async function signIn(context: Context, memory: CredentialMemory, key: string, guard?: Guard) {
  const { principal, expiresAt } = await verify(context, memory, { kind: "key", secret: key }, { guard });
  const secret = randomText(SESSION_SECRET_LENGTH);
  const now = context.now();
  const until = new Date(Math.min(now + SESSION_MS, expiresAt));
  const hash = await sha256(secret);
  await context.postgres.run((database) =>
    database.batch([
      database.delete(sessions).where(lt(sessions.expiresAt, new Date(now))),
      database.execute(sql`
        insert into sessions (hash, key_id, expires_at)
        select ${hash}, id, ${until.toISOString()}::timestamptz from api_keys where selector = ${principal.actor.id}`),
    ]),
  );
  return { secret, principal, expiresAt: until.getTime() };
}

/** Ends a session: at once here, and within 10 s in isolates that remember it. */
export async function signOut(context: Context, memory: CredentialMemory, secret: string): Promise<void> {
  const hash = await sha256(secret);
  memory.delete(`session ${hash}`);
  await context.postgres.run((database) => database.delete(sessions).where(eq(sessions.hash, hash)));
}
