import { sql } from "drizzle-orm";
import { type Actor, dailyCosts, projects, usageBatches } from "../store/schema.ts";
import { type AuthorizedContext, gone, notFound, requireProject } from "./context.ts";
import { databaseClock, findProjects, publishProject } from "./publish.ts";
import { localDate } from "./rules.ts";

/** How old the end of a report's period may be: a batch is kept for as long, so that it counts once. */
export const REPORT_MAX_AGE_MS = 48 * 3_600_000;

const BUDGET: Actor = { id: "daily_budget", name: "Daily budget", via: "rule" };
const MOST_MICROS = Number.MAX_SAFE_INTEGER;

/** What is counted of a usage report. */
export interface Report {
  batchId: string;
  periodEnd: Date;
  costMicros: number;
}

/**
 * Counts a report, once for each batch id: one round trip. Its cost belongs to the local date on which its period ended. The
 * report that spends today's budget switches the project off, until its next local day.
 *
 * The first statement locks the project's row, so that the cost is compared with the budget as it is, and the budget is spent
 * once.
 *
 * @throws AppError `project_not_found`, `project_deleted`, `unavailable`
 */
export async function recordUsage(
  context: AuthorizedContext,
  projectId: string,
  { batchId, periodEnd, costMicros }: Report,
): Promise<{ isDuplicate: boolean }> {
  requireProject(context, projectId, "report");
  const now = new Date(context.now());
  const at = sql`${now.toISOString()}::timestamptz`;
  const live = sql`${projects.id} = ${projectId} and ${projects.deletedAt} is null`;
  const [locked, counted, spent] = await context.postgres.run((database) =>
    database.batch([
      database.execute(sql`select id from ${projects} where ${live} for no key update`),
      database.execute<{ fresh: number }>(sql`
        with batch as (
          insert into ${usageBatches} (project_id, batch_id, received_at)
          select id, ${batchId}::uuid, ${at} from ${projects} where ${live}
          on conflict do nothing returning project_id
        ), cost as (
          insert into ${dailyCosts} as c (project_id, date, micros)
          select ${projects.id}, ${localDate(periodEnd)}, ${costMicros}::bigint
          from ${projects} join batch on batch.project_id = ${projects.id} where ${costMicros}::bigint > 0
          on conflict (project_id, date) do update set micros = least(${MOST_MICROS}::bigint, c.micros + excluded.micros)
        )
        select count(*)::int as fresh from batch`),
      database.execute(sql`
        with spent as (
          update ${projects} set
            version = greatest(${projects.version} + 1, ${databaseClock}),
            budget_spent_on = ${dailyCosts.date}, updated_at = ${at}, next_publish_at = ${at}
          from ${dailyCosts}
          where ${live} and ${dailyCosts.projectId} = ${projects.id} and ${dailyCosts.date} = ${localDate(now)}
            and ${dailyCosts.micros} >= ${projects.dailyBudgetMicros}
            and ${projects.budgetSpentOn} is distinct from ${dailyCosts.date}
          returning ${projects.id}, ${projects.version}, ${dailyCosts.date} as spent_on
        )
        insert into events (project_id, version, action, actor, before, after, created_at)
        select id, version, 'budget.spent', ${JSON.stringify(BUDGET)}::jsonb, '{"budget_spent_on": null}',
          jsonb_build_object('budget_spent_on', spent_on), ${at}
        from spent returning id`),
    ]),
  );
  if (locked.rows.length === 0) {
    const [project] = await findProjects(context, [projectId]);
    throw project ? gone(projectId) : notFound(projectId);
  }
  if (spent.rows.length > 0) {
    const [project] = await findProjects(context, [projectId]);
    if (project) await publishProject(context, project);
  }
  return { isDuplicate: counted.rows[0]?.fresh === 0 };
}
