import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { type EventRow, events } from "../store/schema.ts";
import { type AuthorizedContext, type Context, notFound, requireProject, requireScope } from "./context.ts";
import type { Page } from "./projects.ts";
import { findProjects } from "./publish.ts";

/** Which events are wanted. */
export interface EventFilter {
  /** The id or the name of who made the change. */
  actor?: string | undefined;
  /** An action, or what stands before its dot. */
  action?: string | undefined;
  /** From then on. */
  since?: Date | undefined;
  /** Before then. */
  until?: Date | undefined;
  /** Those before the event with this id. */
  cursor?: number | undefined;
}

function matching({ actor, action, since, until, cursor }: EventFilter): SQL | undefined {
  return and(
    actor === undefined ? undefined : sql`${actor} in (${events.actor}->>'id', ${events.actor}->>'name')`,
    action === undefined
      ? undefined
      : sql`(${events.action} = ${action} or starts_with(${events.action}, ${`${action}.`}))`,
    since && gte(events.createdAt, since),
    until && lt(events.createdAt, until),
    cursor === undefined ? undefined : lt(events.id, cursor),
  );
}

/** Changes, newest first, of one project or of all that the caller may see (null). */
const findEvents = (context: AuthorizedContext, projectId: string | null, filter: EventFilter, limit: number) => {
  const of = projectId ?? context.principal.projectId;
  return context.postgres.run((database) =>
    database
      .select()
      .from(events)
      .where(and(of === null ? undefined : eq(events.projectId, of), matching(filter)))
      .orderBy(desc(events.id))
      .limit(limit),
  );
};

function requireEvents(context: AuthorizedContext, projectId: string | null): void {
  if (projectId === null) requireScope(context, "admin");
  else requireProject(context, projectId, "read");
}

async function requireKnown(context: Context, projectId: string | null): Promise<void> {
  if (projectId !== null && (await findProjects(context, [projectId])).length === 0) throw notFound(projectId);
}

/**
 * A page of the audit log. A deleted project's can still be read.
 *
 * @param projectId null for all that the caller may see, changes of keys for all projects among them; that needs `admin`
 */
export async function listEvents(
  context: AuthorizedContext,
  projectId: string | null,
  { limit, ...filter }: EventFilter & { limit: number },
): Promise<Page<EventRow>> {
  requireEvents(context, projectId);
  const found = await findEvents(context, projectId, filter, limit + 1);
  if (found.length === 0) await requireKnown(context, projectId);
  const rows = found.slice(0, limit);
  return { rows, nextCursor: found.length > limit ? String(rows.at(-1)?.id) : null };
}

const EXPORTED_AT_ONCE = 500;

/** The audit log as {@link listEvents} tells it, all of it, some hundred events at a time. */
export async function* exportEvents(
  context: AuthorizedContext,
  projectId: string | null,
  filter: EventFilter,
): AsyncGenerator<EventRow[], void> {
  requireEvents(context, projectId);
  let cursor = filter.cursor;
  for (;;) {
    const rows = await findEvents(context, projectId, { ...filter, cursor }, EXPORTED_AT_ONCE);
    if (rows.length === 0 && cursor === filter.cursor) await requireKnown(context, projectId);
    yield rows;
    if (rows.length < EXPORTED_AT_ONCE) return;
    cursor = rows.at(-1)?.id;
  }
}

const FORGOTTEN_AT_ONCE = 5_000;

/** The events that are kept no longer, some in each run; undefined when all are kept. The oldest have the lowest ids. */
export function expiredEvents({ eventsRetentionMs, now }: Context): SQL | undefined {
  if (eventsRetentionMs === null) return undefined;
  const oldest = sql`(select id, created_at from ${events} order by id limit ${FORGOTTEN_AT_ONCE}) oldest`;
  const before = new Date(now() - eventsRetentionMs).toISOString();
  return sql`${events.id} in (select id from ${oldest} where created_at < ${before}::timestamptz)`;
}
