import { and, desc, eq, gte, lt, sql } from "drizzle-orm";
import { type Tally, tally } from "../domain/reasons.ts";
import {
  costHours,
  costMinutes,
  type EventRow,
  events,
  instances,
  projects,
  sightings,
  usageHours,
  usageMinutes,
} from "../store/schema.ts";
import { type AuthorizedContext, gone, notFound, requireProject } from "./context.ts";

/** How wide a bucket is, in milliseconds. Buckets begin at whole minutes, hours and days of UTC. */
export const STEPS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Step = keyof typeof STEPS_MS;

/** How long reported counts are kept by the hour. */
export const HOURS_KEPT_MS = 400 * 86_400_000;
/** How long they are kept by the minute, too. */
export const MINUTES_KEPT_MS = 26 * 3_600_000;
const MOST_EVENTS = 500;
const MOST = Number.MAX_SAFE_INTEGER;

/** What was reported of a stretch of time. */
export interface Bucket extends Tally {
  /** When it begins, in epoch ms. */
  at: number;
  costMicros: number;
}

/** What the skipped requests would have cost. */
export interface Savings {
  micros: number;
  /** What a traced run costs: as the project's rules have it, or the mean of what was reported. */
  runCostMicros: number;
  basis: "configured" | "reported";
}

/** What happened in a project between two instants, both multiples of the step (epoch ms). */
export interface Metrics {
  from: number;
  until: number;
  /** All in their order, those without anything included. */
  buckets: Bucket[];
  total: Tally & { costMicros: number };
  /** Null when nobody knows what a traced run costs. */
  savings: Savings | null;
  /** How long it took until processes that were running held the changes made in the time; null without any. */
  propagation: { p50Ms: number | null; p99Ms: number | null; sightings: number };
  /** The changes, oldest first; of many the newest. */
  events: EventRow[];
  hasMoreEvents: boolean;
}

/**
 * A sighting tells how long a change took only of a process that was there when it was made: one that started later held it from
 * its start. A process that was forgotten leaves only the former behind.
 */
export const wasRunning = sql`(${instances.firstSeenAt} is null
  or extract(epoch from ${instances.firstSeenAt}) * 1000 <= ${sightings.version})`;

/**
 * What the skipped requests would have cost: at the configured price of a run, else at the mean of those that were traced. Those
 * that may have been traced count as such, so that the mean is not too high.
 */
function savingsOf({ traced, skipped, undetermined, costMicros }: Metrics["total"], configured: number | null) {
  const runs = traced + undetermined;
  if (configured === null && !(runs > 0 && costMicros > 0)) return null;
  const mean = configured ?? costMicros / runs;
  const micros = Math.min(MOST, Math.round(skipped * mean));
  const basis = configured === null ? ("reported" as const) : ("configured" as const);
  return { micros, runCostMicros: Math.round(mean), basis };
}

/** One for each step, whether something was reported or not. */
function bucketsOf(
  { from, until, step }: { from: number; until: number; step: Step },
  counts: { at: number; reason: string; count: number }[],
  costs: { at: number; micros: number }[],
): Bucket[] {
  const countsAt = Map.groupBy(counts, ({ at }) => at);
  const costAt = new Map(costs.map(({ at, micros }) => [at, micros]));
  const buckets: Bucket[] = [];
  for (let at = from; at < until; at += STEPS_MS[step]) {
    const counted = (countsAt.get(at) ?? []).map(({ reason, count }) => [reason, count] as const);
    buckets.push({ at, ...tally(counted), costMicros: costAt.get(at) ?? 0 });
  }
  return buckets;
}

/**
 * What was reported of a project and changed in it between two instants (epoch ms), which are extended to whole steps: one round
 * trip.
 *
 * @throws AppError `project_not_found`, `project_deleted`, `unavailable`
 */
export async function readMetrics(
  context: AuthorizedContext,
  projectId: string,
  range: { from: number; until: number; step: Step },
): Promise<Metrics> {
  requireProject(context, projectId, "read");
  const { step } = range;
  const width = STEPS_MS[step];
  const from = Math.floor(range.from / width) * width;
  const until = Math.ceil(range.until / width) * width;
  const [since, before] = [new Date(from), new Date(until)];
  const [usage, cost] = step === "minute" ? [usageMinutes, costMinutes] : [usageHours, costHours];
  const bucket = (at: typeof usage.at | typeof cost.at) =>
    sql<number>`(extract(epoch from date_trunc(${step}, ${at}, 'UTC')) * 1000)::float8`;
  const sum = (column: typeof usage.count | typeof cost.micros) =>
    sql<number>`least(${MOST}::bigint, sum(${column}))::float8`;
  const [[project], counts, costs, changes, [seen]] = await context.postgres.run((database) =>
    database.batch([
      database
        .select({ deletedAt: projects.deletedAt, runCostMicros: projects.runCostMicros })
        .from(projects)
        .where(eq(projects.id, projectId)),
      database
        .select({ at: bucket(usage.at), reason: usage.reason, count: sum(usage.count) })
        .from(usage)
        .where(and(eq(usage.projectId, projectId), gte(usage.at, since), lt(usage.at, before)))
        .groupBy(sql`1`, usage.reason),
      database
        .select({ at: bucket(cost.at), micros: sum(cost.micros) })
        .from(cost)
        .where(and(eq(cost.projectId, projectId), gte(cost.at, since), lt(cost.at, before)))
        .groupBy(sql`1`),
      database
        .select()
        .from(events)
        .where(and(eq(events.projectId, projectId), gte(events.createdAt, since), lt(events.createdAt, before)))
        .orderBy(desc(events.id))
        .limit(MOST_EVENTS + 1),
      database
        .select({
          p50Ms: sql<number | null>`percentile_disc(0.5) within group (order by ${sightings.delayMs})`,
          p99Ms: sql<number | null>`percentile_disc(0.99) within group (order by ${sightings.delayMs})`,
          sightings: sql<number>`count(*)::int`,
        })
        .from(sightings)
        .leftJoin(
          instances,
          and(eq(instances.projectId, sightings.projectId), eq(instances.instance, sightings.instance)),
        )
        .where(
          and(
            eq(sightings.projectId, projectId),
            gte(sightings.version, from), // versions are instants
            lt(sightings.version, until),
            wasRunning,
          ),
        ),
    ]),
  );
  if (!project) throw notFound(projectId);
  if (project.deletedAt) throw gone(projectId);
  const buckets = bucketsOf({ from, until, step }, counts, costs);
  const total = {
    ...tally(counts.map(({ reason, count }) => [reason, count] as const)),
    costMicros: Math.min(
      MOST,
      costs.reduce((total, { micros }) => total + micros, 0),
    ),
  };
  return {
    from,
    until,
    buckets,
    total,
    savings: savingsOf(total, project.runCostMicros),
    propagation: seen ?? { p50Ms: null, p99Ms: null, sightings: 0 },
    events: changes.slice(0, MOST_EVENTS).reverse(),
    hasMoreEvents: changes.length > MOST_EVENTS,
  };
}
