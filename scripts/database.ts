import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { createNeonFetch } from "../dev/neon/app.ts";
import { openPostgres } from "../dev/neon/postgres.ts";

/** A database by its URL: Neon, any other Postgres, or what stands behind `NEON_FETCH_ENDPOINT`. */
export interface Connection {
  sql: NeonQueryFunction<false, false>;
  close(): Promise<void>;
}

type Environment = Record<string, string | undefined>;

interface RoutedInit extends RequestInit {
  endpoint?: string;
}

// One function for all of a process' connections, as the driver has it: each says where it goes.
neonConfig.fetchFunction = (url: string, { endpoint, ...init }: RoutedInit) => fetch(endpoint ?? url, init);

/**
 * Connects as the environment says, always by Neon's driver: to Neon itself, to `NEON_FETCH_ENDPOINT`, or to a Postgres
 * without an HTTP endpoint by one in this process.
 *
 * @throws Error when `DATABASE_URL` is missing
 */
export function connectDatabase(env: Environment = process.env): Connection {
  const { DATABASE_URL: url, NEON_FETCH_ENDPOINT: endpoint } = env;
  if (!url)
    throw new Error("DATABASE_URL is not set: give the Postgres URL of the database, as Neon's console shows it.");
  if (endpoint) return { sql: neon(url, { fetchOptions: { endpoint } }), close: async () => {} };
  if (URL.parse(url)?.hostname.endsWith(".neon.tech")) return { sql: neon(url), close: async () => {} };
  const backend = openPostgres(url);
  neonConfig.fetchFunction = createNeonFetch({ backend });
  return { sql: neon(url), close: () => backend.close() };
}

/** What went wrong, in a sentence; of an endpoint's answer, which the driver cites whole, its message. */
function sentenceOf(error: unknown): string {
  const { message } = error as Error;
  try {
    return JSON.parse(message.slice(message.indexOf("{"))).message ?? message;
  } catch {
    return message;
  }
}

/** Runs a command on the database of the environment; an error becomes one sentence and exit code 1. */
export async function runOnDatabase(work: (sql: Connection["sql"]) => Promise<void>): Promise<void> {
  let connection: Connection | undefined;
  try {
    connection = connectDatabase();
    await work(connection.sql);
  } catch (error) {
    console.error(sentenceOf(error));
    process.exitCode = 1;
  } finally {
    await connection?.close();
  }
}
