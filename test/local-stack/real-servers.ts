import type { Backend } from "../../dev/neon/backend.ts";
import { openPostgres } from "../../dev/neon/postgres.ts";
import { openEmptyPglite } from "../harness/pglite.ts";

/**
 * The URL of a real server to run a suite on as well, from the environment.
 *
 * @throws when it is not set although `CI_REAL_SERVERS=1` promises it: a suite must not be skipped silently
 */
export function realServer(variable: "TEST_DATABASE_URL" | "TEST_REDIS_URL"): string | undefined {
  const url = process.env[variable];
  if (!url && process.env.CI_REAL_SERVERS === "1") throw new Error(`CI_REAL_SERVERS=1, but ${variable} is not set`);
  return url || undefined;
}

/** The databases that a suite runs on, by name: a new PGlite, and a real Postgres where there is one. */
export async function openDatabases(): Promise<[name: string, backend: Backend][]> {
  const url = realServer("TEST_DATABASE_URL");
  return [
    ["PGlite", await openEmptyPglite()],
    ...(url ? [["Postgres", openPostgres(url)] satisfies [string, Backend]] : []),
  ];
}
