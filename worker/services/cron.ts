import { and, eq, gt, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { DELETED_TTL_MS, effectiveState } from "../domain/policy.ts";
import { AppError } from "../errors.ts";
import {
  costHours,
  costMinutes,
  events,
  type FullProject,
  fullProject,
  idempotencyKeys,
  instances,
  mayBeOff,
  projects,
  ruleColumns,
  sightings,
  usageBatches,
  usageHours,
  usageMinutes,
  userOverrides,
} from "../store/schema.ts";
import type { Context } from "./context.ts";
import { expiredEvents } from "./events.ts";
import { expiredAnswers } from "./idempotency.ts";
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from "./metrics.ts";
import { findProjects, publishMany } from "./publish.ts";
import { REPORT_MAX_AGE_MS, SIGHTING_MAX_DELAY_MS } from "./usage.ts";

const BATCH = 500;
const PUBLISH_FOR_MS = 25_000;
const RUN_FOR_MS = 45_000;
const LEASE_MS = 60_000;
const CHECKED_A_MINUTE = 10_000;
const ENDED_KEPT_MS = 86_400_000;
const SILENT_KEPT_MS = 86_400_000;
const SIGHTINGS_KEPT_MS = 31 * 86_400_000;
const FORGOTTEN_AT_ONCE = 5_000; // rows of each table
const MINUTES_FORGOTTEN_AT_ONCE = 50_000; // as many come in each minute, of as many projects and reasons

/** Takes up to 500 projects that are unpublished or due. A run beside this one takes others at the same moment. */
async function claim(context: Context): Promise<FullProject[]> {
  const now = context.now();
  const due = sql`
    select id from projects
    where version > published_version or next_publish_at <= ${new Date(now).toISOString()}::timestamptz
    order by next_publish_at limit ${BATCH} for update skip locked`;
  const leasedUntil = new Date(now + LEASE_MS);
  // Read by a statement of its own: the first may have waited for a change, and would not see what that did elsewhere.
  const [, claimed] = await context.postgres.run((database) =>
    database.batch([
      database.update(projects).set({ nextPublishAt: leasedUntil }).where(sql`${projects.id} in (${due})`),
      database.select(fullProject).from(projects).where(eq(projects.nextPublishAt, leasedUntil)),
    ]),
  );
  return claimed;
}

/** Publishes what is unpublished or due, for 25 s at most. @returns how many projects */
export async function publishDue(context: Context): Promise<number> {
  const until = context.now() + PUBLISH_FOR_MS;
  let count = 0;
  while (context.now() < until) {
    const rows = await claim(context);
    if (rows.length === 0) break;
    const { complete, lifted } = await publishMany(context, rows);
    count += rows.length;
    // What failed is unpublished still, and would be claimed again at once: it waits for the next minute.
    if (!complete || (rows.length < BATCH && lifted === 0)) break;
  }
  return count;
}

/** The ids of projects that are off, of up to 10,000 that may be, another stretch in every run. */
async function offProjects(context: Context): Promise<string[]> {
  const now = context.now();
  const since = new Date(now - DELETED_TTL_MS);
  const candidates = and(mayBeOff(projects), or(isNull(projects.deletedAt), gt(projects.deletedAt, since)));
  const stretch = sql`(
    select id from ${projects} where ${candidates} order by id limit ${CHECKED_A_MINUTE}
    offset ${CHECKED_A_MINUTE} * (nextval('cron_runs') % greatest(1, (
      select ceil(count(*)::numeric / ${CHECKED_A_MINUTE})::bigint from ${projects} where ${candidates}))))`;
  const found = await context.postgres.run((database) =>
    database.select(ruleColumns).from(projects).where(inArray(projects.id, stretch)),
  );
  return found.filter((project) => !effectiveState(project, now).enabled).map(({ id }) => id);
}

/**
 * Publishes again every project that is off and whose key does not read `false`: Redis was flushed, evicted it, or lost it.
 *
 * @returns how many projects
 */
export async function keepOff(context: Context, until: number): Promise<number> {
  const ids = await offProjects(context);
  if (ids.length === 0) return 0;
  const enabled = await context.redis.readEnabled(ids);
  const lost = ids.filter((_, i) => enabled[i] !== "false");
  let count = 0;
  for (let i = 0; i < lost.length && context.now() < until; i += BATCH) {
    const rows = await findProjects(context, lost.slice(i, i + BATCH));
    await publishMany(context, rows);
    count += rows.length;
  }
  return count;
}

/**
 * Forgets what counts no longer: reports that nobody may send again, user overrides that have ended, processes that are silent and
 * what they saw, old counts. Some in each run, and nothing that another transaction holds.
 */
async function forgetOld(context: Context): Promise<void> {
  const now = context.now();
  const before = (age: number) => sql`${new Date(now - age).toISOString()}::timestamptz`;
  const some = (table: PgTable, condition: SQL, limit = FORGOTTEN_AT_ONCE) =>
    sql`ctid = any(array(select ctid from ${table} where ${condition} limit ${limit} for update skip locked))`;
  // Found by their project, some projects in each minute: no index leads to the oldest hours of all.
  const turn = sql`(
    select id from ${projects} order by id limit ${BATCH}
    offset ${BATCH} * (${Math.floor(now / 60_000)} % greatest(1, (select ceil(count(*)::numeric / ${BATCH})::int from ${projects}))))`;
  const oldHours = sql`project_id in ${turn} and hour < ${before(HOURS_KEPT_MS)}`;
  const oldMinutes = (table: PgTable) =>
    some(table, sql`minute < ${before(MINUTES_KEPT_MS)}`, MINUTES_FORGOTTEN_AT_ONCE);
  await context.postgres.run((database) =>
    database.batch([
      // what a process saw that had been changed before it started tells nothing once it is forgotten
      database.execute(sql`
        with forgotten as (
          delete from ${instances} where ${some(instances, sql`last_report_at < ${before(SILENT_KEPT_MS)}`)}
          returning project_id, instance, (extract(epoch from first_seen_at) * 1000)::bigint as started
        )
        delete from ${sightings} s using forgotten f
        where s.project_id = f.project_id and s.instance = f.instance
          and s.version < f.started and s.version >= f.started - ${SIGHTING_MAX_DELAY_MS}`),
      database.delete(sightings).where(some(sightings, sql`seen_at < ${before(SIGHTINGS_KEPT_MS)}`)),
      database.delete(usageHours).where(some(usageHours, oldHours)),
      database.delete(costHours).where(some(costHours, oldHours)),
      database.delete(usageMinutes).where(oldMinutes(usageMinutes)),
      database.delete(costMinutes).where(oldMinutes(costMinutes)),
      database.delete(usageBatches).where(lt(usageBatches.receivedAt, new Date(now - REPORT_MAX_AGE_MS))),
      database.delete(userOverrides).where(lt(userOverrides.expiresAt, new Date(now - ENDED_KEPT_MS))),
      database.delete(idempotencyKeys).where(expiredAnswers(context)),
      database.delete(events).where(expiredEvents(context) ?? sql`false`),
    ]),
  );
}

/**
 * What the Worker does every minute. A failure of one part does not keep the other from running.
 *
 * @throws Error that names what failed, for the log: without the drivers' own words, which hold statements and values
 */
export async function runCron(context: Context): Promise<{ published: number; restored: number }> {
  const until = context.now() + RUN_FOR_MS;
  const failures: string[] = [];
  const failed = (error: Error) => failures.push(error instanceof AppError ? error.message : error.name);
  const attempt = (work: Promise<number>) => work.catch((error) => failed(error) && 0);
  const published = await attempt(publishDue(context));
  const restored = await attempt(keepOff(context, until));
  await forgetOld(context).catch(failed);
  if (failures.length > 0) throw new Error(`the cron could not do all of its work: ${failures.join("; ")}`);
  return { published, restored };
}
