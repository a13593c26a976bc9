import { and, asc, eq, gt, isNull, type SQL, sql } from "drizzle-orm";
import { AppError } from "../errors.ts";
import { DIVISION_BY_ZERO, sqlState } from "../store/postgres.ts";
import { events, type FullProject, type ProjectRow, projects } from "../store/schema.ts";
import { changeProject } from "./change-project.ts";
import { type AuthorizedContext, gone, notFound, requireProject, requireScope } from "./context.ts";
import { type Claim, claimLost } from "./idempotency.ts";
import { publishProject } from "./publish.ts";

/** A page of a listing, and where the next one begins. */
export interface Page<T> {
  rows: T[];
  nextCursor: string | null;
}

/** Part of a name or the beginning of an id. A database in the locale C knows no capitals beyond ASCII: they are found as they stand. */
function matching(search: string): SQL {
  const lower = search.toLowerCase();
  return sql`(strpos(lower(${projects.name}), ${lower}) > 0 or strpos(${projects.name}, ${search}) > 0
    or starts_with(${projects.id}::text, ${lower}))`;
}

/** The projects the key may see, in the order of their ids; those found if some are searched for. */
export async function listProjects(
  context: AuthorizedContext,
  { limit, cursor, search }: { limit: number; cursor?: string | undefined; search?: string | undefined },
): Promise<Page<ProjectRow>> {
  requireScope(context, "read");
  const own = context.principal.projectId;
  const wanted = and(
    isNull(projects.deletedAt),
    own === null ? undefined : eq(projects.id, own),
    cursor === undefined ? undefined : gt(projects.id, cursor),
    search === undefined ? undefined : matching(search),
  );
  const found = await context.postgres.run((database) =>
    database
      .select()
      .from(projects)
      .where(wanted)
      .orderBy(asc(projects.id))
      .limit(limit + 1),
  );
  const rows = found.slice(0, limit);
  return { rows, nextCursor: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}

/** @throws AppError `project_not_found`, `project_deleted` */
export async function getProject(context: AuthorizedContext, projectId: string): Promise<ProjectRow> {
  requireProject(context, projectId, "read");
  const [project] = await context.postgres.run((database) =>
    database.select().from(projects).where(eq(projects.id, projectId)),
  );
  if (!project) throw notFound(projectId);
  if (project.deletedAt) throw gone(projectId);
  return project;
}

/** A project to be created. */
export interface NewProject {
  /** To be kept, as of a project that existing readers know; random if left out. */
  id?: string | undefined;
  name: string;
  tracingEnabled?: boolean | undefined;
  reason?: string | null | undefined;
}

/**
 * Creates a project, and publishes it.
 *
 * @throws AppError `project_exists`
 */
export async function createProject(
  context: AuthorizedContext,
  { id = crypto.randomUUID(), name, tracingEnabled = true, reason = null }: NewProject,
  claim?: Claim,
): Promise<ProjectRow> {
  requireScope(context, "admin");
  if (context.principal.projectId !== null) {
    throw new AppError("forbidden", "This key is for one project; creating another needs a key for all projects.");
  }
  const now = new Date(context.now());
  const actor = context.principal.actor;
  const recorded = claim && (await claim.record({ id }, sql`true`));
  try {
    const [[project]] = await context.postgres.run((database) =>
      database.batch([
        database
          .insert(projects)
          .values({ id, name, tracingEnabled, createdAt: now, updatedAt: now, nextPublishAt: now })
          .returning(),
        database.insert(events).values({
          projectId: id,
          version: sql`(select version from projects where id = ${id})`,
          action: "project.created",
          actor,
          reason,
          after: { name, tracing_enabled: tracingEnabled },
          createdAt: now,
        }),
        ...(recorded ? [database.execute(recorded)] : []),
      ]),
    );
    return (await publishProject(context, { ...(project as ProjectRow), overrides: {} })).project;
  } catch (error) {
    if (sqlState(error) === DIVISION_BY_ZERO) throw claimLost();
    if (sqlState(error) !== "23505") throw error;
    throw new AppError("project_exists", `A project with id ${id} exists already, or existed; choose another id.`);
  }
}

export async function renameProject(
  context: AuthorizedContext,
  projectId: string,
  { name, reason }: { name: string; reason?: string | null | undefined },
): Promise<FullProject> {
  requireProject(context, projectId, "admin");
  const change = { action: "project.renamed", reason, set: { name }, after: { name } };
  const { project } = await changeProject(context, projectId, change);
  return (await publishProject(context, project)).project;
}

/** Deletes a project for good. Its id stays known, answers 410, and reads as off. */
export async function deleteProject(
  context: AuthorizedContext,
  projectId: string,
  reason?: string | null,
): Promise<void> {
  requireProject(context, projectId, "admin");
  const { project } = await changeProject(context, projectId, {
    action: "project.deleted",
    reason,
    set: { deletedAt: new Date(context.now()) },
    after: null,
  });
  await publishProject(context, project);
}
