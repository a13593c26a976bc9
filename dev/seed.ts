import { connectDatabase } from "../scripts/database.ts";
import { storeKey } from "../scripts/keys.ts";
import { migrate } from "../scripts/migrations.ts";
import { parseKey, type Scope } from "../worker/domain/api-key.ts";
import type { Variables } from "./env-file.ts";

/** What the local stack starts with. */
export interface Seed {
  /** A key for all projects, which people and agents may use. */
  key: string;
  projectId: string;
}

const SCOPES: Scope[] = ["admin", "report"];

/**
 * Migrates the database, and makes the key and the demo project, unless those of the last start are still good.
 *
 * @param last the variables that the last start wrote
 */
export async function seed(database: Variables, last: Variables): Promise<Seed> {
  const { sql, close } = connectDatabase(database);
  try {
    await migrate(sql);
    const known = await parseKey(last.TRACING_TOGGLE_API_KEY ?? "");
    const [kept] = known
      ? await sql`
          select 1 from api_keys
          where selector = ${known.selector} and hash = ${known.hash} and revoked_at is null and scopes @> ${SCOPES}`
      : [];
    const key = kept
      ? (last.TRACING_TOGGLE_API_KEY as string)
      : await storeKey(sql, { name: "local admin", scopes: SCOPES });
    const lastId = last.TRACING_TOGGLE_PROJECT_ID ?? null;
    const [project] = await sql`select id from projects where id::text = ${lastId} and deleted_at is null`;
    const [demo] = project ? [project] : await sql`insert into projects (name) values ('Demo agent') returning id`;
    return { key, projectId: demo?.id };
  } finally {
    await close();
  }
}
