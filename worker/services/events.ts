import { and, desc, eq, lt } from "drizzle-orm";
import { type EventRow, events } from "../store/schema.ts";
import { type AuthorizedContext, notFound, requireProject } from "./context.ts";
import type { Page } from "./projects.ts";
import { findProjects } from "./publish.ts";

/** A project's changes, newest first. A deleted project's can still be read. */
export async function listEvents(
  context: AuthorizedContext,
  projectId: string,
  { limit, cursor }: { limit: number; cursor?: number | undefined },
): Promise<Page<EventRow>> {
  requireProject(context, projectId, "read");
  const found = await context.postgres.run((database) =>
    database
      .select()
      .from(events)
      .where(and(eq(events.projectId, projectId), cursor === undefined ? undefined : lt(events.id, cursor)))
      .orderBy(desc(events.id))
      .limit(limit + 1),
  );
  if (found.length === 0 && (await findProjects(context, [projectId])).length === 0) throw notFound(projectId);
  const rows = found.slice(0, limit);
  return { rows, nextCursor: found.length > limit ? String(rows.at(-1)?.id) : null };
}
