import { sql } from "drizzle-orm";
import { DELETED_TTL_MS } from "../domain/policy.ts";
import { type ProjectRow, projects } from "../store/schema.ts";
import type { Context } from "./context.ts";
import { findProjects, publishMany } from "./publish.ts";

const BATCH = 500;
const PUBLISH_FOR_MS = 25_000;
const RUN_FOR_MS = 45_000;
const LEASE_MS = 60_000;
const CHECKED_A_MINUTE = 10_000;

/** Takes up to 500 projects that are unpublished or due. A run beside this one takes others at the same moment. */
function claim(context: Context): Promise<ProjectRow[]> {
  const now = context.now();
  const due = sql`
    select id from projects
    where version > published_version or next_publish_at <= ${new Date(now).toISOString()}::timestamptz
    order by next_publish_at limit ${BATCH} for update skip locked`;
  return context.postgres.run((database) =>
    database
      .update(projects)
      .set({ nextPublishAt: new Date(now + LEASE_MS) })
      .where(sql`${projects.id} in (${due})`)
      .returning(),
  );
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

/** The ids of up to 10,000 projects that are off, another stretch in every run. */
async function offProjects(context: Context): Promise<string[]> {
  const since = new Date(context.now() - DELETED_TTL_MS).toISOString();
  const { rows } = await context.postgres.run((database) =>
    database.execute<{ id: string }>(sql`
      with off as (
        select id from projects
        where (not tracing_enabled or deleted_at is not null)
          and (deleted_at is null or deleted_at > ${since}::timestamptz)
      )
      select id from off order by id limit ${CHECKED_A_MINUTE}
      offset ${CHECKED_A_MINUTE} * (nextval('cron_runs') % greatest(1, (
        select ceil(count(*)::numeric / ${CHECKED_A_MINUTE})::bigint from off)))`),
  );
  return rows.map(({ id }) => id);
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
 * What the Worker does every minute. A failure of one part does not keep the other from running.
 *
 * @throws AggregateError with what failed
 */
export async function runCron(context: Context): Promise<{ published: number; restored: number }> {
  const until = context.now() + RUN_FOR_MS;
  const failures: unknown[] = [];
  const attempt = (work: Promise<number>) => work.catch((error) => failures.push(error) && 0);
  const published = await attempt(publishDue(context));
  const restored = await attempt(keepOff(context, until));
  if (failures.length > 0) throw new AggregateError(failures, "the cron could not do all of its work");
  return { published, restored };
}
