import { and, desc, eq, gte, sql } from "drizzle-orm";
import { judge } from "../../sdk/src/decide.ts";
import { parsePolicy } from "../../sdk/src/wire.ts";
import { effectiveState, type ProjectReason } from "../domain/policy.ts";
import { events, instances, projects, sightings } from "../store/schema.ts";
import { type AuthorizedContext, gone, notFound, requireProject } from "./context.ts";
import { wasRunning } from "./metrics.ts";
import { readKeys } from "./tracing.ts";

/** A project that is on is `active` while a report is younger than that. */
const REPORTS_WITHIN_MS = 30_000;
/** A process that has reported nothing for so long is not counted: it has ended, or has nothing to decide. */
const SEEN_WITHIN_MS = 600_000;
const MOST_LISTED = 100;

/** The newest change of a project, and how far it has come. */
type LastChange = {
  version: number;
  action: string;
  /** Epoch ms. */
  at: number;
  /** How long until Redis had it; null while it has not. */
  liveAfterMs: number | null;
  /** How many of the processes hold it. */
  seenBy: number;
  /** How long the slowest took that was running when the change was made; null while none of them has it. */
  slowestMs: number | null;
};

/** What really happens out there. */
export interface ProjectStatus {
  /** `silent`: on, and nobody reports. */
  status: "active" | "silent" | "off";
  /** The rule that keeps it off, else `enabled`; `break_glass` while one holds in Redis. */
  reason: ProjectReason | "break_glass";
  version: number;
  /** When the newest report's period ended; null when none came in the last day. */
  lastReportAt: Date | null;
  /** The processes that reported in the last 10 minutes. */
  instances: {
    count: number;
    /** How many of them hold the project's version, or have decided by it since. */
    current: number;
    /** The 100 that reported last. */
    newest: (typeof instances.$inferSelect)[];
  };
  lastChange: LastChange | null;
}

/**
 * Whether a project's tracing is in effect and used, and by whom: one round trip to the database. A break-glass in Redis is seen.
 *
 * @throws AppError `project_not_found`, `project_deleted`, `unavailable`
 */
export async function readStatus(context: AuthorizedContext, projectId: string): Promise<ProjectStatus> {
  requireProject(context, projectId, "read");
  const now = context.now();
  const isSeen = gte(instances.lastReportAt, new Date(now - SEEN_WITHIN_MS));
  const ofProject = eq(instances.projectId, projectId);
  const [[[project], newest, [counted], changes], keys] = await Promise.all([
    context.postgres.run((database) =>
      database.batch([
        database.select().from(projects).where(eq(projects.id, projectId)),
        database
          .select()
          .from(instances)
          .where(and(ofProject, isSeen))
          .orderBy(desc(instances.lastReportAt), instances.instance)
          .limit(MOST_LISTED),
        database
          .select({
            count: sql<number>`(count(*) filter (where ${isSeen}))::int`,
            current: sql<number>`(count(*) filter (where ${isSeen} and ${instances.policyVersion} >= ${projects.version}))::int`,
            lastReport: sql<number | null>`(extract(epoch from max(${instances.lastReportAt})) * 1000)::float8`,
          })
          .from(instances)
          .innerJoin(projects, eq(projects.id, instances.projectId))
          .where(ofProject),
        database.execute<LastChange>(sql`
          select ${events.version}::float8 as version, ${events.action} as action,
            (extract(epoch from ${events.createdAt}) * 1000)::float8 as at, ${events.liveAfterMs} as "liveAfterMs",
            (select count(*)::int from ${instances}
              where ${ofProject} and ${isSeen} and ${instances.policyVersion} >= ${events.version}) as "seenBy",
            (select max(${sightings.delayMs}) from ${sightings}
              left join ${instances}
                on ${instances.projectId} = ${sightings.projectId} and ${instances.instance} = ${sightings.instance}
              where ${sightings.projectId} = ${projectId} and ${sightings.version} >= ${events.version} and ${wasRunning}
            ) as "slowestMs"
          from ${events} where ${events.projectId} = ${projectId} and ${events.version} is not null
          order by ${events.id} desc limit 1`),
      ]),
    ),
    readKeys(context, projectId),
  ]);
  if (!project) throw notFound(projectId);
  if (project.deletedAt) throw gone(projectId);
  const { enabled, reason } = effectiveState(project, now);
  const isHeld = keys && judge(keys.enabled, parsePolicy(keys.policy ?? undefined), now) === "break_glass";
  const lastReport = counted?.lastReport ?? null;
  const isReporting = lastReport !== null && now - lastReport < REPORTS_WITHIN_MS;
  return {
    status: !enabled || isHeld ? "off" : isReporting ? "active" : "silent",
    reason: enabled && isHeld ? "break_glass" : reason,
    version: project.version,
    lastReportAt: lastReport === null ? null : new Date(lastReport),
    instances: { count: counted?.count ?? 0, current: counted?.current ?? 0, newest },
    lastChange: changes.rows[0] ?? null,
  };
}
