import { and, eq, isNull, sql } from "drizzle-orm";
import { type ProjectRow, projects } from "../store/schema.ts";
import { type AuthorizedContext, gone, notFound } from "./context.ts";
import { databaseClock } from "./publish.ts";

/** A project's fields as the audit log shows them. */
export interface LoggedFields {
  name?: string;
  tracing_enabled?: boolean;
}

/** A change of a project, as it is made and as the audit log tells it. */
export interface Change {
  action: string;
  reason?: string | null | undefined;
  set: Partial<Pick<ProjectRow, "name" | "tracingEnabled" | "deletedAt">>;
  /** The logged fields after the change; null when nothing is left. */
  after: LoggedFields | null;
}

const COLUMNS = { name: projects.name, tracing_enabled: projects.tracingEnabled };

/** The logged fields as they are in the row, for the fields that `after` has (all, if it is null). */
function loggedFields(after: LoggedFields | null) {
  const fields = Object.keys(after ?? COLUMNS) as (keyof typeof COLUMNS)[];
  const pairs = fields.map((field) => sql`${field}::text, ${COLUMNS[field]}`);
  return sql`jsonb_build_object(${sql.join(pairs, sql`, `)})`;
}

/**
 * Changes a project in one transaction and one round trip. The first statement raises the version, and so locks the row:
 * what the later ones read is what the change before this one left, whoever made it.
 *
 * @returns the row after the change
 * @throws AppError `project_not_found`, `project_deleted`, `unavailable`
 */
export async function changeProject(
  context: AuthorizedContext,
  projectId: string,
  change: Change,
): Promise<ProjectRow> {
  const now = new Date(context.now());
  const live = and(eq(projects.id, projectId), isNull(projects.deletedAt));
  const { action, reason = null, set, after } = change;
  const actor = JSON.stringify(context.principal.actor);
  const version = sql`greatest(${projects.version} + 1, ${databaseClock})`;
  const [raised, , , [project]] = await context.postgres.run((database) =>
    database.batch([
      database
        .update(projects)
        .set({ version, updatedAt: now, nextPublishAt: now })
        .where(live)
        .returning({ id: projects.id }),
      database.execute(sql`
        insert into events (project_id, version, action, actor, reason, before, after, created_at)
        select id, version, ${action}, ${actor}::jsonb, ${reason}, ${loggedFields(after)},
          ${after && JSON.stringify(after)}::jsonb, ${now.toISOString()}::timestamptz
        from projects where ${live}`),
      database.update(projects).set(set).where(live),
      database.select().from(projects).where(eq(projects.id, projectId)),
    ]),
  );
  if (!project) throw notFound(projectId);
  if (raised.length === 0) throw gone(projectId);
  return project;
}
