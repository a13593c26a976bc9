import { type DatabaseError, isDatabaseError } from "./backend.ts";

/** A request that Neon's proxy itself refuses. */
export class ProxyError extends Error {
  /** HTTP status. */
  readonly status: 400 | 413 | 507;
  /** SQLSTATE; empty where Neon gives none. */
  readonly code: string;

  constructor(message: string, { status = 400, code = "" }: { status?: 400 | 413 | 507; code?: string } = {}) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Status and body of a failed request. What Postgres or the caller did wrong is a 400, which the driver turns into a
 * `NeonDbError` with these fields; a Postgres that cannot be reached is a 500.
 * Source: neondatabase/neon, proxy/src/serverless/sql_over_http.rs.
 */
export function toErrorAnswer(error: unknown): { status: 400 | 413 | 500 | 507; body: object } {
  if (isDatabaseError(error)) return { status: 400, body: describe(error) };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ProxyError) return { status: error.status, body: describe({ message, code: error.code }) };
  return { status: 500, body: describe({ message: `could not reach the database: ${message}` }) };
}

function describe(error: Partial<DatabaseError>): object {
  return {
    message: error.message,
    code: error.code ?? "",
    detail: error.detail ?? null,
    hint: error.hint ?? null,
    position: error.position ?? null,
    internalPosition: error.internalPosition ?? null,
    internalQuery: error.internalQuery ?? null,
    severity: error.severity ?? "",
    where: error.where ?? null,
    table: error.table ?? null,
    column: error.column ?? null,
    schema: error.schema ?? null,
    dataType: error.dataType ?? null,
    constraint: error.constraint ?? null,
    file: error.file ?? null,
    line: error.line ?? null,
    routine: error.routine ?? null,
  };
}
