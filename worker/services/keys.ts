import { and, desc, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import { createKey as makeKey, type Scope } from "../domain/api-key.ts";
import { AppError } from "../errors.ts";
import { DIVISION_BY_ZERO, sqlState } from "../store/postgres.ts";
import { type ApiKeyRow, apiKeys, events, projects, sessions } from "../store/schema.ts";
import { loggedInstant } from "./change-project.ts";
import { type AuthorizedContext, gone, notFound, requireScope } from "./context.ts";
import { type CredentialMemory, forgetKey } from "./credentials.ts";
import { type Claim, claimLost, type Made } from "./idempotency.ts";
import type { Page } from "./projects.ts";
import { findProjects } from "./publish.ts";

/** A key as it is told: never its secret, nor the hash. Times are RFC 3339. */
export interface KeyInfo {
  id: string;
  lastFour: string;
  name: string;
  scopes: Scope[];
  projectId: string | null;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

/** A key that was just made: the only time that its secret is there. */
export interface MadeKey extends KeyInfo {
  secret: string;
}

const infoOf = (row: ApiKeyRow): KeyInfo => ({
  id: row.selector,
  lastFour: row.lastFour,
  name: row.name,
  scopes: row.scopes as Scope[],
  projectId: row.projectId,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
});

const keyNotFound = (id: string) =>
  new AppError("key_not_found", `No key ${id} is known to this key: it was revoked, or it is for another project.`);

const at = (instant: number | Date) => sql`${new Date(instant).toISOString()}::timestamptz`;

/** The keys that the caller may see: those of its project, or all. */
const visible = ({ principal }: AuthorizedContext) =>
  principal.projectId === null ? undefined : eq(apiKeys.projectId, principal.projectId);

/** Those of them that were not revoked. */
const manageable = (context: AuthorizedContext) => and(isNull(apiKeys.revokedAt), visible(context)) as SQL;

/** The caller's key is good at this very moment: one that was revoked a second ago must not leave another behind. */
function callerIsGood({ principal, now }: AuthorizedContext): SQL {
  if (!principal.hasKey) return sql`true`;
  return sql`exists (
    select from api_keys caller where caller.selector = ${principal.actor.id} and caller.revoked_at is null
      and (caller.expires_at is null or caller.expires_at > ${at(now())}))`;
}

/** What the audit log shows of a key. */
const logged = (table: SQL) => sql`jsonb_build_object(
  'key', ${table}.selector, 'name', ${table}.name, 'scopes', to_jsonb(${table}.scopes), 'project_id', ${table}.project_id,
  'expires_at', ${loggedInstant(sql`${table}.expires_at`)})`;

/** A key is not published: its change is live as soon as it is made. */
function logEvent(
  { principal, now }: AuthorizedContext,
  action: string,
  reason: string | null | undefined,
  { from, before = sql`null`, after = sql`null` }: { from: SQL; before?: SQL; after?: SQL },
): SQL {
  return sql`
    insert into ${events} (project_id, action, actor, reason, before, after, created_at, live_after_ms)
    select project_id, ${action}, ${JSON.stringify(principal.actor)}::jsonb, ${reason ?? null}, ${before}, ${after}, ${at(now())}, 0
    from ${from}`;
}

/** The keys the caller may see, the newest first; those that were revoked only if they are asked for. */
export async function listKeys(
  context: AuthorizedContext,
  { limit, cursor, include }: { limit: number; cursor?: string | undefined; include?: "revoked" | undefined },
): Promise<Page<KeyInfo>> {
  requireScope(context, "admin");
  const wanted = include === "revoked" ? visible(context) : manageable(context);
  const after =
    cursor === undefined
      ? undefined
      : sql`(${apiKeys.createdAt}, ${apiKeys.selector}) < (
          select last.created_at, last.selector from api_keys last where last.selector = ${cursor})`;
  const found = await context.postgres.run((database) =>
    database
      .select()
      .from(apiKeys)
      .where(and(wanted, after))
      .orderBy(desc(apiKeys.createdAt), desc(apiKeys.selector))
      .limit(limit + 1),
  );
  const rows = found.slice(0, limit).map(infoOf);
  return { rows, nextCursor: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}

const exists = (selector: string) => sql`exists (select from ${apiKeys} where ${eq(apiKeys.selector, selector)})`;

/** Runs a statement, and with it what records its claim. @returns the rows of the first */
async function carryOut<T extends Record<string, unknown>>(
  context: AuthorizedContext,
  statement: SQL,
  record: SQL | undefined,
): Promise<T[]> {
  try {
    const [{ rows }] = await context.postgres.run((database) =>
      database.batch([database.execute<T>(statement), ...(record ? [database.execute(record)] : [])]),
    );
    return rows;
  } catch (error) {
    throw record && sqlState(error) === DIVISION_BY_ZERO ? claimLost() : error;
  }
}

async function findKeys(context: AuthorizedContext, ids: string[]): Promise<KeyInfo[]> {
  const found = await context.postgres.run((database) =>
    database.select().from(apiKeys).where(inArray(apiKeys.selector, ids)),
  );
  return ids.map((id) => {
    const row = found.find(({ selector }) => selector === id);
    if (!row) throw keyNotFound(id);
    return infoOf(row);
  });
}

/** A key that was made before, as it is now. */
export async function recallKey(context: AuthorizedContext, { id, secret = "" }: Made): Promise<MadeKey> {
  requireScope(context, "admin");
  const [key] = await findKeys(context, [id]);
  return { ...(key as KeyInfo), secret };
}

/** A rotation that was made before, as both keys are now. */
export async function recallRotation(
  context: AuthorizedContext,
  { id, secret = "" }: Made,
  oldId: string,
): Promise<Rotation> {
  requireScope(context, "admin");
  const [made, old] = (await findKeys(context, [id, oldId])) as [KeyInfo, KeyInfo];
  return { made: { ...made, secret }, replaced: { id: oldId, expiresAt: old.expiresAt as string } };
}

/** A key to be made. */
export interface NewKey {
  name: string;
  scopes: Scope[];
  /** Its only project; null for all; left out, the caller's. */
  projectId?: string | null | undefined;
  /** Left out or null: when the caller's key ends, if it does. */
  expiresAt?: Date | null | undefined;
  reason?: string | null | undefined;
}

/** Which project a new key is for: a caller who is bound to one cannot reach beyond it. */
function projectOf({ principal }: AuthorizedContext, wanted: string | null | undefined): string | null {
  const { projectId: own } = principal;
  if (own === null) return wanted ?? null;
  if (wanted === null) throw new AppError("forbidden", "This key is for one project; so are the keys that it makes.");
  if (wanted !== undefined && wanted !== own) throw notFound(wanted);
  return own;
}

/** When a new key ends: in the future, and not after the key that makes it. */
function endOf({ principal, now }: AuthorizedContext, wanted: Date | null | undefined): Date | null {
  const own = Number.isFinite(principal.keyEnds) ? new Date(principal.keyEnds) : null;
  const wrong = (message: string) =>
    new AppError("invalid_body", `expires_at: ${message}`, [{ field: "expires_at", message }]);
  if (!wanted) return own;
  if (wanted.getTime() <= now()) throw wrong("must be in the future");
  if (own && wanted > own) throw wrong(`must be ${own.toISOString()} at the latest, when the key that makes it ends`);
  return wanted;
}

/**
 * Makes a key.
 *
 * @throws AppError `project_not_found`, `project_deleted`, `forbidden`, `invalid_body`, `unauthenticated`
 */
export async function createKey(
  context: AuthorizedContext,
  { name, scopes, projectId: wanted, expiresAt: end, reason }: NewKey,
  claim?: Claim,
): Promise<MadeKey> {
  requireScope(context, "admin");
  const projectId = projectOf(context, wanted);
  const expiresAt = endOf(context, end);
  const { key: secret, selector, hash, lastFour } = await makeKey();
  const now = new Date(context.now());
  const source =
    projectId === null
      ? sql`(select 1) nothing where true`
      : sql`${projects} where ${eq(projects.id, projectId)} and ${isNull(projects.deletedAt)}`;
  const rows = await carryOut(
    context,
    sql`
      with made as (
        insert into api_keys (selector, hash, last_four, name, scopes, project_id, created_at, expires_at)
        select ${selector}, ${hash}, ${lastFour}, ${name}, ${textArray(scopes)}, ${projectId}::uuid, ${at(now)},
          ${expiresAt?.toISOString() ?? null}::timestamptz
        from ${source} and ${callerIsGood(context)}
        returning *
      )
      ${logEvent(context, "key.created", reason, { from: sql`made`, after: logged(sql`made`) })}
      returning id`,
    claim && (await claim.record({ id: selector, secret }, exists(selector))),
  );
  if (rows.length === 0) throw await projectRefusal(context, projectId);
  return {
    id: selector,
    secret,
    lastFour,
    name,
    scopes,
    projectId,
    createdAt: now.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: null,
    revokedAt: null,
  };
}

const textArray = (values: readonly string[]) =>
  sql`array[${sql.join(
    values.map((each) => sql`${each}`),
    sql`, `,
  )}]::text[]`;

const callerEnded = () => new AppError("unauthenticated", "The API key was revoked or has ended.");

async function projectRefusal(context: AuthorizedContext, projectId: string | null): Promise<AppError> {
  if (projectId === null) return callerEnded();
  const [project] = await findProjects(context, [projectId]);
  if (!project) return notFound(projectId);
  return project.deletedAt ? gone(projectId) : callerEnded();
}

/** What a rotation did: the new key, and the end of the old one. */
export interface Rotation {
  made: MadeKey;
  replaced: { id: string; expiresAt: string };
}

/**
 * Makes a key like another, with an id and a secret of its own, and ends the other after a while. The new one lives as long as
 * the old one was made for, counted from now, but not beyond the key that makes it.
 *
 * @param overlapSeconds how long the old key stays good; 0 revokes it, and its sessions, at once
 * @throws AppError `key_not_found`, `unauthenticated`
 */
export async function rotateKey(
  context: AuthorizedContext,
  memory: CredentialMemory,
  id: string,
  { overlapSeconds, reason }: { overlapSeconds: number; reason?: string | null | undefined },
  claim?: Claim,
): Promise<Rotation> {
  requireScope(context, "admin");
  const { key: secret, selector, hash, lastFour } = await makeKey();
  const now = context.now();
  const { keyEnds } = context.principal;
  const callerEnds = sql`${Number.isFinite(keyEnds) ? new Date(keyEnds).toISOString() : null}::timestamptz`;
  const oldEnds = sql`least(expires_at, ${at(now + overlapSeconds * 1_000)})`;
  const revoked = overlapSeconds === 0 ? sql`${at(now)}` : sql`null`;
  const rows = await carryOut<Record<"name" | "ends" | "old_ends" | "project_id", string> & { scopes: Scope[] }>(
    context,
    sql`
      with old as (
        select * from ${apiKeys} where ${eq(apiKeys.selector, id)} and ${manageable(context)} and ${callerIsGood(context)}
        for update
      ), made as (
        insert into api_keys (selector, hash, last_four, name, scopes, project_id, created_at, expires_at)
        select ${selector}, ${hash}, ${lastFour}, name, scopes, project_id, ${at(now)},
          least(${at(now)} + (expires_at - created_at), ${callerEnds})
        from old returning *
      ), ended as (
        update api_keys set expires_at = ${oldEnds}, revoked_at = ${revoked}
        where id in (select id from old) returning *
      ), signed_out as (
        delete from ${sessions} where key_id in (select id from ended where revoked_at is not null)
      ), event as (${logEvent(context, "key.rotated", reason, {
        from: sql`made`,
        before: sql`(select ${logged(sql`old`)} from old)`,
        after: sql`${logged(sql`made`)} || jsonb_build_object('old_key_expires_at', (select ${loggedInstant(sql`expires_at`)} from ended))`,
      })})
      select made.name, to_jsonb(made.scopes) as scopes, made.project_id, ${loggedInstant(sql`made.expires_at`)} as ends,
        ${loggedInstant(sql`ended.expires_at`)} as old_ends
      from made, ended`,
    claim && (await claim.record({ id: selector, secret }, exists(selector))),
  );
  const [row] = rows;
  if (!row) throw keyNotFound(id);
  forgetKey(memory, id);
  const made = {
    ...{ id: selector, secret, lastFour, name: row.name, scopes: row.scopes, projectId: row.project_id },
    ...{ createdAt: new Date(now).toISOString(), expiresAt: row.ends, lastUsedAt: null, revokedAt: null },
  };
  return { made, replaced: { id, expiresAt: row.old_ends } };
}

/**
 * Revokes a key and ends its sessions: at once here, and within 10 s in isolates that remember it.
 *
 * @throws AppError `key_not_found`
 */
export async function revokeKey(
  context: AuthorizedContext,
  memory: CredentialMemory,
  id: string,
  reason: string | null | undefined,
): Promise<void> {
  requireScope(context, "admin");
  const { rows } = await context.postgres.run((database) =>
    database.execute(sql`
      with revoked as (
        update ${apiKeys} set revoked_at = ${at(context.now())}
        where ${eq(apiKeys.selector, id)} and ${manageable(context)} and ${callerIsGood(context)} returning *
      ), signed_out as (
        delete from ${sessions} where key_id in (select id from revoked)
      )
      ${logEvent(context, "key.revoked", reason, { from: sql`revoked`, before: logged(sql`revoked`) })}
      returning id`),
  );
  if (rows.length === 0) throw keyNotFound(id);
  forgetKey(memory, id);
}
