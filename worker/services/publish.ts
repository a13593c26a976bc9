import { inArray, sql } from "drizzle-orm";
import { nextPublishAt, publication } from "../domain/policy.ts";
import type { Published } from "../store/redis.ts";
import { type FullProject, fullProject, type ProjectRow, projects } from "../store/schema.ts";
import type { Context } from "./context.ts";

/** What a change has achieved: it is in Redis; Redis was not reached and the cron will; or a break-glass holds. */
export type Propagation = "live" | "pending" | "held";

/** What publishing a project has achieved. */
export interface Publishing {
  propagation: Propagation;
  /** A break-glass was there: lifted when it is live, else it holds. Null when that is not known. */
  metBreakGlass: boolean | null;
  /** The row; with another version than before only if it was lifted above what stood in Redis. */
  project: FullProject;
}

/** An instant as a version: the database's clock in epoch ms. */
export const databaseClock = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

const LONGEST_MS = 2 ** 31 - 1; // what the column holds: 24 days, which a change can well be held for

/** A row that was published, and what became of it. */
export interface Outcome {
  project: ProjectRow;
  published: Published;
}

/**
 * Lifts rows above the newer versions that stand in Redis, as after a database was restored from before them.
 *
 * @returns the rows that were lifted and want to be published; not those that another writer has lifted meanwhile
 */
export async function liftAbove(context: Context, newer: Map<string, number>): Promise<FullProject[]> {
  const stored = sql.join(
    Array.from(newer, ([id, version]) => sql`(${id}::uuid, ${version}::bigint)`),
    sql`, `,
  );
  const lifted = await context.postgres.run((database) =>
    database
      .update(projects)
      .set({
        version: sql`greatest(stored.version + 1, ${databaseClock})`,
        nextPublishAt: new Date(context.now()),
      })
      .from(sql`(values ${stored}) as stored (id, version)`)
      .where(sql`${projects.id} = stored.id and ${projects.version} < stored.version`)
      .returning({ id: projects.id }),
  );
  return findProjects(
    context,
    lifted.map(({ id }) => id),
  );
}

/** Notes in the database what Redis has: two statements, one round trip. */
export async function markPublished(context: Context, outcomes: Outcome[]): Promise<void> {
  const now = context.now();
  const written = outcomes.filter(({ published: { outcome } }) => outcome !== "newer" && outcome !== "failed");
  if (written.length === 0) return;
  const values = sql.join(
    written.map(({ project, published }) => {
      const next = nextPublishAt(project, context.lifetimes, now)?.toISOString() ?? null;
      const live = published.outcome !== "held";
      return sql`(${project.id}::uuid, ${project.version}::bigint, ${next}::timestamptz, ${live}::boolean)`;
    }),
    sql`, `,
  );
  const marks = sql`(values ${values}) as mark (id, version, next, live)`;
  const at = new Date(now).toISOString();
  await context.postgres.run((database) =>
    database.batch([
      database.execute(sql`
        update projects set
          published_version = greatest(published_version, mark.version),
          next_publish_at = case when projects.version = mark.version then mark.next else next_publish_at end
        from ${marks} where projects.id = mark.id`),
      database.execute(sql`
        update events set
          live_after_ms = least(${LONGEST_MS}, greatest(0, extract(epoch from ${at}::timestamptz - created_at) * 1000))::int
        from ${marks}
        where events.project_id = mark.id and mark.live and live_after_ms is null and events.version <= mark.version`),
    ]),
  );
}

const ATTEMPTS = 5;

/**
 * Publishes one project, and lifts it above what stands in Redis if that is newer. Where another writer's newer version stands
 * there, it is made sure that the row as it is now does: it holds this change, too. Under a break-glass it is published once more,
 * for that version may not have been one to lift it.
 *
 * @param liftBegan when the change began that may lift a break-glass, epoch ms
 */
export async function publishProject(context: Context, project: FullProject, liftBegan?: number): Promise<Publishing> {
  let own = project;
  let row = project;
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const wanted = publication(row, context.lifetimes, context.now());
      const published = await context.redis.publish(liftBegan === undefined ? wanted : { ...wanted, liftBegan });
      if (published.outcome === "failed") break;
      if (published.outcome !== "newer") {
        context.defer(markPublished(context, [{ project: row, published }]));
        return {
          propagation: published.outcome === "held" ? "held" : "live",
          metBreakGlass: published.outcome !== "live",
          project: own,
        };
      }
      const [lifted] = await liftAbove(context, new Map([[row.id, published.version]]));
      const [current] = lifted ? [lifted] : await findProjects(context, [row.id]);
      if (lifted) own = lifted;
      else if (current?.version === published.version && !published.underGlass)
        return { propagation: "live", metBreakGlass: false, project: own };
      row = current ?? row;
    }
  } catch (error) {
    // The change is committed: whatever failed since, the cron publishes it.
    console.warn(`project ${project.id}: not published yet (${(error as Error).name})`);
  }
  return { propagation: "pending", metBreakGlass: null, project: own };
}

/** Publishes many projects in pipelines. @returns whether every one was written, and how many were lifted */
export async function publishMany(
  context: Context,
  rows: FullProject[],
): Promise<{ complete: boolean; lifted: number }> {
  const now = context.now();
  const results = await context.redis.publishMany(rows.map((row) => publication(row, context.lifetimes, now)));
  const outcomes = rows.map((project, i) => ({ project, published: results[i] ?? ({ outcome: "failed" } as const) }));
  await markPublished(context, outcomes);
  const newer = new Map<string, number>();
  for (const { project, published } of outcomes) {
    if (published.outcome === "newer") newer.set(project.id, published.version);
  }
  const lifted = newer.size > 0 ? (await liftAbove(context, newer)).length : 0;
  return { complete: outcomes.every(({ published }) => published.outcome !== "failed"), lifted };
}

/** These projects, each with the user overrides that belong to its version. */
export const findProjects = async (context: Context, ids: string[]): Promise<FullProject[]> =>
  ids.length === 0
    ? []
    : context.postgres.run((database) => database.select(fullProject).from(projects).where(inArray(projects.id, ids)));
