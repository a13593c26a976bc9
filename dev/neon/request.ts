import { ProxyError } from "./errors.ts";
import { toPostgresText } from "./values.ts";

/** One statement of a request. */
export interface Statement {
  text: string;
  params: (string | null)[];
  /** Rows as arrays (or objects), when the statement says so itself. */
  arrayMode?: boolean;
}

/** The body of a request: one statement, or a batch to run as one transaction. */
export type Payload = { single: Statement } | { batch: Statement[] };

/** Reads a request's body. Throws a 400 that says what is wrong with it. */
export function parsePayload(body: string): Payload {
  try {
    const value: unknown = JSON.parse(body);
    if (!isObject(value)) throw new TypeError("expected an object");
    if (!("queries" in value)) return { single: parseStatement(value) };
    if (!Array.isArray(value.queries)) throw new TypeError("`queries` must be an array");
    return { batch: value.queries.map(parseStatement) };
  } catch (error) {
    throw new ProxyError(`could not parse the HTTP request body: ${(error as Error).message}`);
  }
}

function parseStatement(value: unknown): Statement {
  if (!isObject(value) || typeof value.query !== "string") throw new TypeError("`query` must be a string");
  const { query, params = [], arrayMode } = value;
  // Postgres' protocol ends the text there: what follows would be read as part of the message.
  if (query.includes("\0")) throw new TypeError("`query` must not contain a NUL character");
  if (!Array.isArray(params)) throw new TypeError("`params` must be an array");
  if (arrayMode !== undefined && arrayMode !== null && typeof arrayMode !== "boolean") {
    throw new TypeError("`arrayMode` must be a boolean");
  }
  return { text: query, params: params.map(toPostgresText), ...(typeof arrayMode === "boolean" && { arrayMode }) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const ISOLATION_LEVELS: Record<string, string> = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
};

/** The headers that say how a request runs and how its rows look. */
export interface Options {
  rawText: boolean;
  arrayMode: boolean;
  /** `BEGIN` with the batch's modes. */
  begin: string;
  /** The batch headers in force, which Neon repeats in its answer. */
  batchHeaders: Record<string, string>;
}

/** Reads the `Neon-*` headers; flags other than `true` are false. Throws a 400 on an unknown isolation level. */
export function parseOptions(header: (name: string) => string | undefined): Options {
  const isTrue = (name: string) => header(name) === "true";
  const modes: string[] = [];
  const batchHeaders: Record<string, string> = {};

  const level = header("Neon-Batch-Isolation-Level");
  if (level !== undefined) {
    if (!Object.hasOwn(ISOLATION_LEVELS, level)) throw new ProxyError("invalid isolation level");
    modes.push(`ISOLATION LEVEL ${ISOLATION_LEVELS[level]}`);
    batchHeaders["Neon-Batch-Isolation-Level"] = level;
  }
  if (isTrue("Neon-Batch-Read-Only")) {
    modes.push("READ ONLY");
    batchHeaders["Neon-Batch-Read-Only"] = "true";
  }
  if (isTrue("Neon-Batch-Deferrable")) {
    modes.push("DEFERRABLE");
    batchHeaders["Neon-Batch-Deferrable"] = "true";
  }
  return {
    rawText: isTrue("Neon-Raw-Text-Output"),
    arrayMode: isTrue("Neon-Array-Mode"),
    begin: ["BEGIN", ...modes].join(" "),
    batchHeaders,
  };
}
