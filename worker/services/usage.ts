import { type SQL, sql } from "drizzle-orm";
import { knownReasons } from "../domain/reasons.ts";
import {
  type Actor,
  costHours,
  costMinutes,
  dailyCosts,
  instances,
  projects,
  sightings,
  usageBatches,
  usageHours,
  usageMinutes,
} from "../store/schema.ts";
import { type AuthorizedContext, gone, notFound, requireProject } from "./context.ts";
import { databaseClock, findProjects, publishProject } from "./publish.ts";
import { localDate } from "./rules.ts";

/** How long after a change a process may hold it first: one that takes longer was not running, or cannot tell the time. */
export const SIGHTING_MAX_DELAY_MS = 86_400_000;

/** How old the end of a report's period may be: a batch is kept for as long, so that it counts once. */
export const REPORT_MAX_AGE_MS = 48 * 3_600_000;

const BUDGET: Actor = { id: "daily_budget", name: "Daily budget", via: "rule" };
const MOST = Number.MAX_SAFE_INTEGER;

/** A usage report, as it is counted. */
export interface Report {
  batchId: string;
  /** The process that reports. */
  instance: string;
  periodStart: Date;
  periodEnd: Date;
  /** Decisions by reason. */
  counts: Record<string, number>;
  costMicros: number;
  /** The policy version that the process held at the end of the period; null when it knew none. */
  policyVersion: number | null;
  sdk: { version: string; runtime: string };
}

/** A sum that a JavaScript number holds exactly. */
const capped = (sum: SQL) => sql`least(${MOST}::bigint, ${sum})`;

/** What the process is known by: the report with the newest end tells, and the earliest start is when it was first seen. */
function instanceSeen({ instance, periodStart, periodEnd, policyVersion, sdk }: Report): SQL {
  const start = Math.max(Math.min(periodStart.getTime(), periodEnd.getTime()), periodEnd.getTime() - REPORT_MAX_AGE_MS);
  const isNewest = sql`(excluded.last_report_at, coalesce(excluded.policy_version, -1))
    >= (i.last_report_at, coalesce(i.policy_version, -1))`;
  const newest = (column: string) =>
    sql`${sql.identifier(column)} = case when ${isNewest}
      then excluded.${sql.identifier(column)} else i.${sql.identifier(column)} end`;
  return sql`
    insert into ${instances} as i
      (project_id, instance, sdk_version, runtime, policy_version, first_seen_at, last_report_at)
    select project_id, ${instance}, ${sdk.version}, ${sdk.runtime}, ${policyVersion}::bigint,
      ${new Date(start).toISOString()}::timestamptz, ${periodEnd.toISOString()}::timestamptz
    from batch
    on conflict (project_id, instance) do update set
      ${newest("sdk_version")}, ${newest("runtime")}, ${newest("policy_version")},
      first_seen_at = least(i.first_seen_at, excluded.first_seen_at),
      last_report_at = greatest(i.last_report_at, excluded.last_report_at)`;
}

/**
 * How long the process went without the version that it holds. An SDK closes a report at once when it decides by a version for the
 * first time: the delay ends with the period, of the earliest report that carries the version.
 */
function sighting({ instance, periodEnd, policyVersion }: Report): SQL {
  const delayMs = Math.max(0, periodEnd.getTime() - (policyVersion ?? 0));
  return sql`
    insert into ${sightings} as s (project_id, version, instance, delay_ms, seen_at)
    select ${projects.id}, ${policyVersion}::bigint, ${instance},
      ${Math.min(delayMs, SIGHTING_MAX_DELAY_MS)}::int, ${periodEnd.toISOString()}::timestamptz
    from ${projects} join batch on batch.project_id = ${projects.id}
    where ${policyVersion}::bigint <= ${projects.version} and ${delayMs <= SIGHTING_MAX_DELAY_MS}::boolean
    on conflict (project_id, version, instance) do update set delay_ms = excluded.delay_ms, seen_at = excluded.seen_at
    where excluded.seen_at < s.seen_at`;
}

const COUNTED = {
  hour: { usage: usageHours, cost: costHours },
  minute: { usage: usageMinutes, cost: costMinutes },
};

/** Adds the report to its hour, or to its minute. */
function countedBy(unit: keyof typeof COUNTED, { periodEnd, counts, costMicros }: Report): SQL {
  const { usage, cost } = COUNTED[unit];
  const column = sql.identifier(unit);
  const at = sql`date_trunc(${unit}, ${periodEnd.toISOString()}::timestamptz, 'UTC')`;
  return sql`${sql.identifier(`cost_${unit}`)} as (
      insert into ${cost} as c (project_id, ${column}, micros)
      select project_id, ${at}, ${costMicros}::bigint from batch where ${costMicros}::bigint > 0
      on conflict (project_id, ${column}) do update set micros = ${capped(sql`c.micros + excluded.micros`)}
    ), ${sql.identifier(`usage_${unit}`)} as (
      insert into ${usage} as u (project_id, ${column}, reason, count)
      select project_id, ${at}, key, value::bigint
      from batch cross join jsonb_each_text(${JSON.stringify(knownReasons(counts))}::jsonb)
      on conflict (project_id, ${column}, reason) do update set count = ${capped(sql`u.count + excluded.count`)}
    )`;
}

/**
 * Counts a report, once for each batch id: one round trip. Its decisions and its cost belong to the UTC hour and minute in which
 * its period ended, and the cost to the local date, too. The report that spends today's budget switches the project off, until
 * its next local day.
 *
 * The first statement locks the project's row, so that the cost is compared with the budget as it is, and the budget is spent
 * once.
 *
 * @throws AppError `project_not_found`, `project_deleted`, `unavailable`
 */
export async function recordUsage(
  context: AuthorizedContext,
  projectId: string,
  report: Report,
): Promise<{ isDuplicate: boolean }> {
  requireProject(context, projectId, "report");
  const { batchId, periodEnd, costMicros } = report;
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
          on conflict (project_id, date) do update set micros = ${capped(sql`c.micros + excluded.micros`)}
        ), ${countedBy("hour", report)}, ${countedBy("minute", report)},
        instance as (${instanceSeen(report)}), sighting as (${sighting(report)})
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
