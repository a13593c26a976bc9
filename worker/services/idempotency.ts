import { and, eq, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { sha256 } from "../domain/api-key.ts";
import { AppError } from "../errors.ts";
import { idempotencyKeys } from "../store/schema.ts";
import type { AuthorizedContext, Context } from "./context.ts";

const KEPT_MS = 24 * 3_600_000;
/** A request that has not ended by then was cut off. */
const IN_FLIGHT_MS = 20_000;
const FORGOTTEN_AT_ONCE = 5_000;

/** A request that may come again. */
export interface Repeatable {
  /** The `Idempotency-Key`. */
  key: string;
  /** The caller's API key or cookie. */
  secret: string;
  /** Method, path and body. */
  request: string;
}

/** What became of the request when it came before: its answer, or what it made while its answer was not kept yet. */
export type Earlier = { answer: unknown } | { made: Made };

/** What a request made: enough to tell it again. */
export interface Made {
  id: string;
  secret?: string;
}

/** The right to carry out a request, which nobody else has meanwhile. */
export interface Claim {
  /**
   * A statement for the transaction of the work, after what it does: notes what was made, where `condition` holds. It divides by
   * zero, which undoes the transaction, when the claim was lost to a later request.
   */
  record(made: Made, condition: SQL): Promise<SQL>;
  /** Keeps the answer. */
  keep(answer: unknown): Promise<void>;
  /** Gives the claim up: nothing was made. */
  release(): Promise<void>;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/**
 * Seals answers, which may contain a new key: with what only the caller knows, its own key and its `Idempotency-Key`. Who reads
 * the database cannot open them.
 */
async function sealWith(secret: string) {
  const digest = await crypto.subtle.digest("SHA-256", bytesOf(`tracing-toggle seal\n${secret}`));
  const key = await crypto.subtle.importKey("raw", digest, "AES-GCM", false, ["encrypt", "decrypt"]);
  return {
    async seal(value: unknown): Promise<string> {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytesOf(JSON.stringify(value)));
      return btoa(String.fromCharCode(...iv, ...new Uint8Array(sealed)));
    },
    async open<T>(text: string): Promise<T> {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.slice(0, 12) }, key, bytes.slice(12));
      return JSON.parse(new TextDecoder().decode(opened));
    },
  };
}

const inFlight = (since: number, now: number) =>
  new AppError(
    "idempotency_in_flight",
    "The same request is being carried out. Repeat it in a moment for its answer.",
    undefined,
    Math.max(1, Math.ceil((since + IN_FLIGHT_MS - now) / 1_000)),
  );

/**
 * Claims a request for its `Idempotency-Key`, which counts for 24 h and for the caller's own credential: one round trip.
 *
 * @throws AppError `idempotency_in_flight` while the same request is carried out, `idempotency_key_reused` when the key stands for
 *   another one
 */
export async function claimRequest(
  context: AuthorizedContext,
  { key, secret, request }: Repeatable,
): Promise<Claim | Earlier> {
  const own = `${secret}\n${key}`;
  const [name, requestHash, { seal, open }] = await Promise.all([
    sha256(`tracing-toggle name\n${own}`),
    sha256(request),
    sealWith(own),
  ]);
  const now = context.now();
  const claimedAt = new Date(now);
  const row = { actorId: context.principal.actor.id, key: name, requestHash, createdAt: claimedAt };
  const isRow = and(eq(idempotencyKeys.actorId, row.actorId), eq(idempotencyKeys.key, name));
  const isFree = or(
    lt(idempotencyKeys.createdAt, new Date(now - KEPT_MS)),
    and(isNull(idempotencyKeys.body), lt(idempotencyKeys.createdAt, new Date(now - IN_FLIGHT_MS))),
  ) as SQL;
  const [claimed, [found]] = await context.postgres.run((database) =>
    database.batch([
      database
        .insert(idempotencyKeys)
        .values(row)
        .onConflictDoUpdate({
          target: [idempotencyKeys.actorId, idempotencyKeys.key],
          set: { requestHash, createdAt: claimedAt, status: null, body: null },
          setWhere: isFree,
        })
        .returning({ key: idempotencyKeys.key }),
      database.select().from(idempotencyKeys).where(isRow),
    ]),
  );
  if (claimed.length === 0 && found) {
    if (found.requestHash !== requestHash)
      throw new AppError(
        "idempotency_key_reused",
        "This Idempotency-Key was used for another request within the last 24 h. Use a new one for each request.",
      );
    if (found.body === null) throw inFlight(found.createdAt.getTime(), now);
    return found.status === null ? { made: await open<Made>(found.body) } : { answer: await open<unknown>(found.body) };
  }
  const isMine = and(isRow, eq(idempotencyKeys.createdAt, claimedAt));
  return {
    async record(made, condition) {
      const body = await seal(made);
      return sql`
        with mine as (select from ${idempotencyKeys} where ${isMine} for update),
        noted as (update ${idempotencyKeys} set body = ${body} where ${isMine} and ${condition})
        select 1 / count(*) from mine`;
    },
    async keep(answer) {
      const body = await seal(answer);
      await context.postgres.run((database) =>
        database.update(idempotencyKeys).set({ status: 201, body }).where(isMine),
      );
    },
    async release() {
      await context.postgres.run((database) =>
        database.delete(idempotencyKeys).where(and(isMine, isNull(idempotencyKeys.body))),
      );
    },
  };
}

/** The claim was lost: the request took so long that it was carried out again. */
export const claimLost = (): AppError => inFlight(0, 0);

/** The answers that are kept no longer, some in each run. */
export function expiredAnswers({ now }: Context): SQL {
  const before = new Date(now() - KEPT_MS).toISOString();
  return sql`(actor_id, key) in (
    select actor_id, key from ${idempotencyKeys} where created_at < ${before}::timestamptz limit ${FORGOTTEN_AT_ONCE})`;
}
