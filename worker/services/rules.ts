import { eq, sql } from "drizzle-orm";
import { dollarsOf } from "../domain/money.ts";
import { AppError } from "../errors.ts";
import { sqlState } from "../store/postgres.ts";
import { dailyCosts, type FullProject, type ProjectRow, projects } from "../store/schema.ts";
import { changeProject, type LoggedFields } from "./change-project.ts";
import { type AuthorizedContext, gone, notFound, requireProject } from "./context.ts";
import { type Propagation, publishProject } from "./publish.ts";

/** The rules that are set together. */
export type Rules = Pick<
  ProjectRow,
  | "sampleRate"
  | "capture"
  | "whenUnavailable"
  | "production"
  | "timeZone"
  | "schedule"
  | "dailyBudgetMicros"
  | "runCostMicros"
>;

/** The date of an instant by the project's own calendar, as the database has it. */
export const localDate = (at: Date) => sql`(${at.toISOString()}::timestamptz at time zone ${projects.timeZone})::date`;

/** A project with its rules, and today's reported cost in micro-dollars. */
export async function readRules(
  context: AuthorizedContext,
  projectId: string,
): Promise<{ project: ProjectRow; spentTodayMicros: number }> {
  requireProject(context, projectId, "read");
  const today = localDate(new Date(context.now()));
  const [found] = await context.postgres.run((database) =>
    database
      .select({ project: projects, spent: dailyCosts.micros })
      .from(projects)
      .leftJoin(dailyCosts, sql`${dailyCosts.projectId} = ${projects.id} and ${dailyCosts.date} = ${today}`)
      .where(eq(projects.id, projectId)),
  );
  if (!found) throw notFound(projectId);
  if (found.project.deletedAt) throw gone(projectId);
  return { project: found.project, spentTodayMicros: found.spent ?? 0 };
}

const LOGGED: { [K in keyof Rules]: (value: Rules[K]) => LoggedFields } = {
  sampleRate: (value) => ({ sample_rate: value }),
  capture: (value) => ({ capture: value }),
  whenUnavailable: (value) => ({ when_unavailable: value }),
  production: (value) => ({ production: value }),
  timeZone: (value) => ({ time_zone: value }),
  schedule: (value) => ({ schedule: value }),
  dailyBudgetMicros: (value) => ({ daily_budget_usd: value === null ? null : dollarsOf(value) }),
  runCostMicros: (value) => ({ run_cost_usd: value === null ? null : dollarsOf(value) }),
};

const logged = (rules: Partial<Rules>): LoggedFields =>
  Object.assign(
    {},
    ...Object.entries(rules).map(([name, value]) => LOGGED[name as keyof Rules]((value as never) ?? null)),
  );

const INVALID_PARAMETER = "22023";

/**
 * Changes the rules that are given. Whether today's budget is spent follows from the new budget and zone at once.
 *
 * @throws AppError `invalid_body` for a time zone that the database does not know; what `changeProject` throws
 */
export async function changeRules(
  context: AuthorizedContext,
  projectId: string,
  rules: Partial<Rules>,
  { reason, ifVersion }: { reason?: string | null | undefined; ifVersion?: readonly number[] | undefined },
): Promise<{ project: FullProject; propagation: Propagation }> {
  requireProject(context, projectId, "write");
  const today = localDate(new Date(context.now()));
  const { project } = await changeProject(context, projectId, {
    action: "rules.changed",
    reason,
    ifVersion,
    set: rules,
    after: logged(rules),
    statements: [
      sql`update ${projects} set budget_spent_on = (
            select ${dailyCosts.date} from ${dailyCosts}
            where ${dailyCosts.projectId} = ${projects.id} and ${dailyCosts.date} = ${today}
              and ${dailyCosts.micros} >= ${projects.dailyBudgetMicros})
          where ${projects.id} = ${projectId}`,
    ],
  }).catch((error) => {
    if (rules.timeZone === undefined || sqlState(error) !== INVALID_PARAMETER) throw error;
    const message = `is not a time zone that the database knows: ${rules.timeZone}`;
    throw new AppError("invalid_body", `time_zone: ${message}`, [{ field: "time_zone", message }]);
  });
  return publishProject(context, project);
}

/** Locks a project off, for everyone, until it is unlocked. Ends a temporary override. */
export async function lockProject(
  context: AuthorizedContext,
  projectId: string,
  reason: string,
): Promise<{ project: FullProject; propagation: Propagation }> {
  requireProject(context, projectId, "admin");
  const { project } = await changeProject(context, projectId, {
    action: "project.locked",
    reason,
    set: { lockReason: reason, lockedAt: new Date(context.now()) },
    after: { lock: reason },
    override: null,
  });
  return publishProject(context, project);
}

/** Lifts a lock; of a project that is not locked nothing but the version changes. */
export async function unlockProject(
  context: AuthorizedContext,
  projectId: string,
  reason?: string | null,
): Promise<{ project: FullProject; propagation: Propagation }> {
  requireProject(context, projectId, "admin");
  const { project } = await changeProject(context, projectId, {
    action: "project.unlocked",
    reason,
    set: { lockReason: null, lockedAt: null },
    after: { lock: null },
  });
  return publishProject(context, project);
}
