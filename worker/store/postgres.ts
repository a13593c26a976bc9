import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { AppError } from "../errors.ts";

export type Database = NeonHttpDatabase;

/** Told how long each round trip took, in milliseconds. */
export type Observe = (store: "db" | "redis", milliseconds: number) => void;

/** Runs database work: one `run` is meant to be one round trip. */
export interface Postgres {
  /**
   * @throws AppError `unavailable` when the database cannot be reached or cannot serve right now; whatever else the
   *   driver throws, such as a constraint violation (see {@link sqlState})
   */
  run<T>(work: (database: Database) => Promise<T>): Promise<T>;
}

const TIMEOUT_MS = 10_000;

interface RoutedInit extends RequestInit {
  endpoint?: string;
}

// The driver has one fetch function for all clients, and no time limit of its own.
neonConfig.fetchFunction = (url: string, { endpoint, ...init }: RoutedInit) =>
  fetch(endpoint ?? url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });

/** The five-character SQLSTATE of a database error, or undefined when the database did not answer with one. */
export function sqlState(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return code;
  return cause ? sqlState(cause) : undefined;
}

/** The SQLSTATE by which a statement of ours undoes its transaction. */
export const DIVISION_BY_ZERO = "22012";

// Connection, credentials, rollback by the server, resources, operator intervention, system and internal errors.
const CANNOT_SERVE = /^(08|25006|28|40|53|57|58|XX)/;
const NO_SCHEMA = /^(42P01|42703)$/;

function unavailable(error: unknown): AppError | undefined {
  const state = sqlState(error);
  if (state && NO_SCHEMA.test(state)) {
    return new AppError("unavailable", "The database lacks the current schema: run npm run db:migrate.");
  }
  if (state && !CANNOT_SERVE.test(state)) return undefined;
  if (state)
    return new AppError("unavailable", "The database cannot do this right now; nothing was changed. Try again.");
  return new AppError(
    "unavailable",
    "The database did not answer. A change may have been made all the same: read the project before you repeat it.",
  );
}

/** @param endpoint where SQL over HTTP is spoken, when not at Neon's own address for `url` */
export function connectPostgres(url: string, endpoint: string | undefined, observe: Observe): Postgres {
  const client = neon(url, { fetchOptions: endpoint ? { endpoint } : {}, isolationLevel: "ReadCommitted" });
  const database = drizzle({ client });
  return {
    async run(work) {
      const began = Date.now();
      try {
        return await work(database);
      } catch (error) {
        throw unavailable(error) ?? error;
      } finally {
        observe("db", Date.now() - began);
      }
    },
  };
}
