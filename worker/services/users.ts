import { and, eq, gt, isNull, or, type SQL, sql } from "drizzle-orm";
import { AppError } from "../errors.ts";
import { projects, type UserOverrideRow, userOverrides } from "../store/schema.ts";
import { type Change, changeProject, loggedInstant } from "./change-project.ts";
import { type AuthorizedContext, gone, notFound, requireProject } from "./context.ts";
import type { Page } from "./projects.ts";
import { findProjects, type Propagation, publishProject } from "./publish.ts";

/** How many overrides of a kind may be in force, and how many bytes of JSON all of a project may take in its document. */
export const OVERRIDE_LIMITS = { always: 500, never: 2_000, bytes: 250_000 };

const inForce = (now: Date) => or(isNull(userOverrides.expiresAt), gt(userOverrides.expiresAt, now));

/** The user overrides in force, in the order of the user ids. */
export async function listUsers(
  context: AuthorizedContext,
  projectId: string,
  { limit, cursor, search }: { limit: number; cursor?: string | undefined; search?: string | undefined },
): Promise<Page<UserOverrideRow>> {
  requireProject(context, projectId, "read");
  const order = sql`${userOverrides.userId} collate "C"`;
  const found = await context.postgres.run((database) =>
    database
      .select()
      .from(userOverrides)
      .where(
        and(
          eq(userOverrides.projectId, projectId),
          inForce(new Date(context.now())),
          search === undefined ? undefined : sql`strpos(lower(${userOverrides.userId}), lower(${search})) > 0`,
          cursor === undefined ? undefined : sql`${order} > ${cursor}`,
        ),
      )
      .orderBy(order)
      .limit(limit + 1),
  );
  if (found.length === 0) {
    const [project] = await findProjects(context, [projectId]);
    if (!project) throw notFound(projectId);
    if (project.deletedAt) throw gone(projectId);
  }
  const rows = found.slice(0, limit);
  return { rows, nextCursor: found.length > limit ? (rows.at(-1)?.userId ?? null) : null };
}

/** A user override as it is asked for. */
export interface UserOverride {
  trace: boolean;
  reason?: string | null | undefined;
  /** When it ends; null for never. */
  expiresAt: Date | null;
}

/** The override of a user that is in force, as the audit log shows it (jsonb, or null). */
const loggedOverride = (projectId: string, user: string, now: Date): SQL => sql`(
  select jsonb_build_object('user', ${userOverrides.userId}, 'trace', ${userOverrides.trace},
    'expires_at', ${loggedInstant(userOverrides.expiresAt)})
  from ${userOverrides} where ${and(eq(userOverrides.projectId, projectId), eq(userOverrides.userId, user), inForce(now))})`;

/** Fails, and so refuses the whole change, unless the condition holds: a division by zero. */
const require = (condition: SQL): SQL => sql`select 1 / (${condition})::int`;

interface Published {
  version: number;
  propagation: Propagation;
}

async function change(
  context: AuthorizedContext,
  projectId: string,
  user: string,
  wanted: Pick<Change, "action" | "reason" | "statements" | "refusal"> & { override: UserOverride | null },
): Promise<Published> {
  const { override, ...rest } = wanted;
  const after = override && { user, trace: override.trace, expires_at: override.expiresAt?.toISOString() ?? null };
  const before = loggedOverride(projectId, user, new Date(context.now()));
  const { project: changed } = await changeProject(context, projectId, { ...rest, before, after });
  const { project, propagation } = await publishProject(context, changed);
  return { version: project.version, propagation };
}

/**
 * Sets a user's override, in place of the one there is.
 *
 * @throws AppError `too_many_overrides`; what `changeProject` throws
 */
export async function setUser(
  context: AuthorizedContext,
  projectId: string,
  user: string,
  override: UserOverride,
): Promise<Published & { row: Omit<UserOverrideRow, "projectId"> }> {
  requireProject(context, projectId, "write");
  const { trace, reason = null, expiresAt } = override;
  const now = new Date(context.now());
  const createdAt = now.toISOString();
  const kind = trace ? "always" : "never";
  const published = await change(context, projectId, user, {
    action: "user_override.set",
    reason,
    override,
    refusal: new AppError(
      "too_many_overrides",
      `A project may have ${OVERRIDE_LIMITS[kind]} users of the kind "${kind}" (${OVERRIDE_LIMITS.bytes / 1_000} kB with all others). Revoke some first.`,
    ),
    statements: [
      sql`delete from ${userOverrides} where project_id = ${projectId} and expires_at <= ${createdAt}::timestamptz`,
      sql`insert into ${userOverrides} (project_id, user_id, trace, reason, created_at, expires_at)
          select id, ${user}, ${trace}, ${reason}, ${createdAt}::timestamptz, ${expiresAt?.toISOString() ?? null}::timestamptz
          from ${projects} where id = ${projectId} and deleted_at is null
          on conflict (project_id, user_id) do update set
            trace = excluded.trace, reason = excluded.reason, created_at = excluded.created_at, expires_at = excluded.expires_at`,
      require(sql`(
        select count(*) filter (where trace) <= ${OVERRIDE_LIMITS.always}
          and count(*) filter (where not trace) <= ${OVERRIDE_LIMITS.never}
          and coalesce(sum(octet_length(to_json(user_id)::text) + 22), 0) <= ${OVERRIDE_LIMITS.bytes}
        from ${userOverrides} where project_id = ${projectId})`),
    ],
  });
  return { ...published, row: { userId: user, trace, reason, createdAt: now, expiresAt } };
}

/**
 * Revokes a user's override: the project's rules apply again.
 *
 * @throws AppError `user_override_not_found` when none is in force; what `changeProject` throws
 */
export async function revokeUser(
  context: AuthorizedContext,
  projectId: string,
  user: string,
  reason?: string | null,
): Promise<Published> {
  requireProject(context, projectId, "write");
  const own = and(eq(userOverrides.projectId, projectId), eq(userOverrides.userId, user));
  return change(context, projectId, user, {
    action: "user_override.revoked",
    reason,
    override: null,
    refusal: new AppError("user_override_not_found", "No override of this user is in force."),
    statements: [
      // of a project that is not there nothing is asked: the answer is about the project then
      sql`${require(sql`exists (select from ${userOverrides} where ${own} and ${inForce(new Date(context.now()))})`)}
          from ${projects} where id = ${projectId} and deleted_at is null`,
      sql`delete from ${userOverrides} where ${own}`,
    ],
  });
}
