/** A column of a result, as node-postgres and Neon describe it. */
export interface Field {
  name: string;
  tableID: number;
  columnID: number;
  /** The type's OID: the driver picks its parser by it. */
  dataTypeID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
}

/** The result of one statement, every value in Postgres' text format. */
export interface SqlResult {
  fields: Field[];
  rows: (string | null)[][];
  /** First word of the command tag: `SELECT`, `INSERT`, `CREATE`; `""` for an empty statement. */
  command: string;
  /** Rows returned or affected; null for statements that do not count, such as `CREATE`. */
  rowCount: number | null;
}

/**
 * Runs one statement by the extended protocol, parameters in text format.
 * Throws Postgres' own error (see {@link DatabaseError}), or any other error when the database is not reachable.
 */
export type Query = (text: string, params: (string | null)[]) => Promise<SqlResult>;

/** A Postgres that the endpoint can stand in front of. */
export interface Backend {
  /** The connection string under which a client may ask, unless the endpoint is given another one. */
  connectionString: string;
  /** Gives `work` a connection of its own. A transaction that it leaves open is rolled back. */
  withConnection<T>(work: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** An error that Postgres itself reported; the names of its fields are node-postgres'. */
export interface DatabaseError extends Error {
  /** SQLSTATE, five characters. */
  code: string;
  severity: string;
  detail?: string;
  hint?: string;
  position?: string;
  internalPosition?: string;
  internalQuery?: string;
  where?: string;
  schema?: string;
  table?: string;
  column?: string;
  dataType?: string;
  constraint?: string;
  file?: string;
  line?: string;
  routine?: string;
}

/** Tells Postgres' errors from those of the network and of the system, which have a code but no severity. */
export function isDatabaseError(error: unknown): error is DatabaseError {
  return (
    error instanceof Error &&
    "severity" in error &&
    typeof error.severity === "string" &&
    "code" in error &&
    typeof error.code === "string"
  );
}
