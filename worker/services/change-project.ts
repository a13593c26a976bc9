import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import { allows } from "../domain/api-key.ts";
import { AppError } from "../errors.ts";
import { DIVISION_BY_ZERO, sqlState } from "../store/postgres.ts";
import { type FullProject, fullProject, type ProjectRow, projects } from "../store/schema.ts";
import { type AuthorizedContext, gone, notFound } from "./context.ts";
import { databaseClock, findProjects } from "./publish.ts";

/** An instant in the audit log, as JSON has it. */
export const loggedInstant = (column: unknown): SQL =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const dollars = (column: unknown): SQL => sql`to_char(${column} / 1000000.0, 'FM999999999999990.009999')`;

const COLUMNS = {
  name: sql`${projects.name}`,
  tracing_enabled: sql`${projects.tracingEnabled}`,
  sample_rate: sql`${projects.sampleRate}`,
  capture: sql`${projects.capture}`,
  when_unavailable: sql`${projects.whenUnavailable}`,
  production: sql`${projects.production}`,
  time_zone: sql`${projects.timeZone}`,
  schedule: sql`${projects.schedule}`,
  daily_budget_usd: dollars(projects.dailyBudgetMicros),
  run_cost_usd: dollars(projects.runCostMicros),
  lock: sql`${projects.lockReason}`,
};

/** A project's fields as the audit log shows them. */
export type LoggedFields = Partial<Record<keyof typeof COLUMNS, unknown>>;

/** A change of a project, as it is made and as the audit log tells it. */
export interface Change {
  action: string;
  reason?: string | null | undefined;
  set?: Partial<ProjectRow>;
  /** What else is done under the row's lock. A division by zero refuses the change. */
  statements?: SQL[];
  /** The logged fields after the change; null when nothing is left. */
  after: LoggedFields | Record<string, unknown> | null;
  /** What they were before (jsonb), if that is not in the project's row. */
  before?: SQL;
  /** The change ends a temporary override, or sets this one. */
  override?: { trace: boolean; until: Date } | null;
  /** Only if the project's version is one of these. */
  ifVersion?: readonly number[] | undefined;
  /** Why `statements` refuse the change. */
  refusal?: AppError;
}

const currentOverride = (now: Date): SQL => sql`
  case when ${projects.overrideUntil} > ${now.toISOString()}::timestamptz then
    jsonb_build_object('trace', ${projects.overrideTrace}, 'until', ${loggedInstant(projects.overrideUntil)}) end`;

/** The audit log's two sides of a change: the fields that it names, and the temporary override if one begins or ends. */
function logged({ after, before, override }: Change, now: Date): { before: SQL; after: SQL } {
  const fields = Object.keys(after ?? COLUMNS) as (keyof typeof COLUMNS)[];
  const pairs = fields.map((field) => sql`${field}::text, ${COLUMNS[field]}`);
  const sides = {
    before: before ?? sql`jsonb_build_object(${sql.join(pairs, sql`, `)})`,
    after: sql`${after && JSON.stringify(after)}::jsonb`,
  };
  if (override === undefined) return sides;
  const begins = override && JSON.stringify({ trace: override.trace, until: override.until.toISOString() });
  const isConcerned = sql`(${currentOverride(now)} is not null or ${begins !== null})`;
  const and = (side: SQL, value: SQL) =>
    sql`${side} || case when ${isConcerned} then jsonb_build_object('override', ${value}) else '{}' end`;
  return { before: and(sides.before, currentOverride(now)), after: and(sides.after, sql`${begins}::jsonb`) };
}

/** What must hold of the row for a change to be made; looked at under its lock. */
function allowed({ principal }: AuthorizedContext, { ifVersion, reason }: Change): SQL {
  const conditions = [sql`true`];
  if (!allows(principal.scopes, ["admin"])) conditions.push(sql`${projects.lockReason} is null`);
  if (!reason) conditions.push(sql`not ${projects.production}`);
  if (ifVersion) conditions.push(sql`${projects.version} = any(${`{${ifVersion.join(",")}}`}::bigint[])`);
  return sql.join(conditions, sql` and `);
}

/** The switch and the temporary override, which may have ended, as a change found them. */
export type SwitchBefore = Pick<ProjectRow, "tracingEnabled" | "overrideTrace" | "overrideUntil">;

/** Why a change was refused, by the row as it is now. */
async function refusalOf(context: AuthorizedContext, projectId: string, change: Change): Promise<AppError> {
  const [project] = await findProjects(context, [projectId]);
  if (!project) return notFound(projectId);
  const { lockReason, version, production } = project;
  if (lockReason !== null && !allows(context.principal.scopes, ["admin"]))
    return new AppError(
      "locked",
      `An admin locked this project off: ${lockReason}. Ask for the lock to be lifted first.`,
    );
  if (change.ifVersion && !change.ifVersion.includes(version))
    return new AppError(
      "version_mismatch",
      `The project is at version ${version}, not at the one of If-Match; nothing was changed. Read it again, then decide.`,
    );
  if (production && !change.reason)
    return new AppError("reason_required", "This project is marked production: say why, in the field reason.", [
      { field: "reason", message: "is required for a project marked production" },
    ]);
  return (
    change.refusal ?? new AppError("unavailable", "The project changed meanwhile; nothing was changed. Try again.")
  );
}

/**
 * Changes a project in one transaction and one round trip. The first statement raises the version, and so locks the row:
 * what the later ones read is what the change before this one left, whoever made it.
 *
 * @returns the project after the change, and what the change found
 * @throws AppError `project_not_found`, `project_deleted`, `locked`, `version_mismatch`, `reason_required`, `unavailable`, or the
 *   change's own refusal; nothing is changed then
 */
export async function changeProject(
  context: AuthorizedContext,
  projectId: string,
  change: Change,
): Promise<{ project: FullProject; before: SwitchBefore }> {
  const now = new Date(context.now());
  const live = and(eq(projects.id, projectId), isNull(projects.deletedAt));
  const { action, reason = null, statements = [], override } = change;
  const actor = JSON.stringify(context.principal.actor);
  const { before, after } = logged(change, now);
  const version = sql`greatest(${projects.version} + 1, ${databaseClock}) / (${allowed(context, change)})::int`;
  const ofOverride = override !== undefined && {
    overrideTrace: override?.trace ?? null,
    overrideUntil: override?.until ?? null,
  };
  const results = await context.postgres
    .run((database) =>
      database.batch([
        database.update(projects).set({ version, updatedAt: now, nextPublishAt: now }).where(live).returning({
          tracingEnabled: projects.tracingEnabled,
          overrideTrace: projects.overrideTrace,
          overrideUntil: projects.overrideUntil,
        }),
        database.execute(sql`
          insert into events (project_id, version, action, actor, reason, before, after, created_at)
          select id, version, ${action}, ${actor}::jsonb, ${reason}, ${before}, ${after}, ${now.toISOString()}::timestamptz
          from projects where ${live}`),
        // what else is set is known only now: an update of nothing is none
        database
          .update(projects)
          .set({ updatedAt: now, ...change.set, ...ofOverride })
          .where(live),
        ...statements.map((statement) => database.execute(statement)),
        database.select(fullProject).from(projects).where(eq(projects.id, projectId)),
      ]),
    )
    .catch(async (error) => {
      throw sqlState(error) === DIVISION_BY_ZERO ? await refusalOf(context, projectId, change) : error;
    });
  const [[found]] = results as unknown as [SwitchBefore[]];
  const [project] = results.at(-1) as FullProject[];
  if (!project) throw notFound(projectId);
  if (!found) throw gone(projectId);
  return { project, before: found };
}
