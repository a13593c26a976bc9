import { readFileSync } from "node:fs";
import type { Connection } from "./database.ts";

const folder = new URL("../drizzle/", import.meta.url);
const LOCK = 7_246_411; // any number, the same for all who migrate
const ALREADY_APPLIED = "23505"; // unique_violation: another migrator was faster

interface Migration {
  name: string;
  statements: string[];
}

function readMigrations(): Migration[] {
  const journal = JSON.parse(readFileSync(new URL("meta/_journal.json", folder), "utf8")) as {
    entries: { tag: string }[];
  };
  return journal.entries.map(({ tag }) => ({
    name: tag,
    statements: readFileSync(new URL(`${tag}.sql`, folder), "utf8").split("--> statement-breakpoint"),
  }));
}

/**
 * Applies the migrations that a database lacks, each in one transaction together with its note in `schema_migrations`.
 * Safe to run twice, and by two at once.
 *
 * @returns the names of the migrations that this call applied
 */
export async function migrate(sql: Connection["sql"]): Promise<string[]> {
  const [known] = await sql`select to_regclass('schema_migrations') is not null as exists`;
  const rows = known?.exists ? await sql`select name from schema_migrations` : [];
  const done = new Set(rows.map(({ name }) => name));
  const applied: string[] = [];
  for (const { name, statements } of readMigrations()) {
    if (done.has(name)) continue;
    try {
      await sql.transaction([
        sql`select pg_advisory_xact_lock(${LOCK})`,
        sql`create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())`,
        sql`insert into schema_migrations (name) values (${name})`,
        ...statements.map((statement) => sql.query(statement)),
      ]);
      applied.push(name);
    } catch (error) {
      const { code, constraint } = error as { code?: string; constraint?: string };
      if (code !== ALREADY_APPLIED || constraint !== "schema_migrations_pkey") throw error;
    }
  }
  return applied;
}
