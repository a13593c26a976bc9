import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Backend, Query, SqlResult } from "./backend.ts";
import { credentialsCheck } from "./credentials.ts";
import { ProxyError, toErrorAnswer } from "./errors.ts";
import { type Options, parseOptions, parsePayload, type Statement } from "./request.ts";
import { toJson } from "./values.ts";

/** Neon's limit for a request and for an answer. */
const MAX_BYTES = 10 * 1024 * 1024;

/** What the endpoint needs. */
export interface NeonAppOptions {
  backend: Backend;
  /** User, password and database that a client must name; the backend's own when absent. */
  connectionString?: string;
  /** Called once a request, before anything else: one round trip of a client. */
  onRequest?: () => void;
}

/**
 * Neon's SQL over HTTP (`POST /sql`) in front of any Postgres, for the unmodified `@neondatabase/serverless`.
 * Source: neondatabase/neon, proxy/src/serverless/sql_over_http.rs.
 */
export function createNeonApp({ backend, connectionString, onRequest }: NeonAppOptions): Hono {
  const checkCredentials = credentialsCheck(connectionString ?? backend.connectionString);
  const app = new Hono();

  app.use(async (_, next) => {
    onRequest?.();
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BYTES,
      onError: () => {
        throw new ProxyError(`request is too large (max is ${MAX_BYTES} bytes)`, { status: 413 });
      },
    }),
  );
  app.post("/sql", async (c) => {
    const options = parseOptions((name) => c.req.header(name));
    checkCredentials(c.req.header("Neon-Connection-String"));
    const payload = parsePayload(await c.req.text());

    if ("single" in payload) {
      return c.json(await backend.withConnection((query) => answer(query, payload.single, options)));
    }
    const results = await backend.withConnection((query) => runBatch(query, payload.batch, options));
    return c.json({ results }, 200, options.batchHeaders);
  });
  app.onError((error, c) => {
    const { status, body } = toErrorAnswer(error);
    return c.json(body, status);
  });
  return app;
}

/**
 * The same without a port: a `fetch` for `neonConfig.fetchFunction`, whatever the endpoint's host.
 *
 * @example neonConfig.fetchFunction = createNeonFetch({ backend });
 */
export function createNeonFetch(options: NeonAppOptions): (url: string, init?: RequestInit) => Promise<Response> {
  const app = createNeonApp(options);
  // Neon's driver makes the host of its endpoint from the database's: of 127.0.0.1 something that is no URL.
  return async (_url, init) => app.request("/sql", init);
}

async function runBatch(query: Query, statements: Statement[], options: Options): Promise<object[]> {
  await query(options.begin, []);
  try {
    const results: object[] = [];
    for (const statement of statements) results.push(await answer(query, statement, options));
    await query("COMMIT", []);
    return results;
  } catch (error) {
    // The first error is the one to tell; a connection too broken to roll back is not used again.
    await query("ROLLBACK", []).catch(() => {});
    throw error;
  }
}

async function answer(query: Query, statement: Statement, options: Options): Promise<object> {
  const result = await query(statement.text, statement.params);
  if (sizeOf(result) > MAX_BYTES) {
    throw new ProxyError(`response is too large (max is ${MAX_BYTES} bytes)`, { status: 507 });
  }
  const { fields, command, rowCount } = result;
  const rowAsArray = statement.arrayMode ?? options.arrayMode;
  const rows = result.rows.map((texts) => {
    const values = options.rawText ? texts : texts.map((text, i) => toJson(text, fields[i] as (typeof fields)[number]));
    return rowAsArray ? values : Object.fromEntries(values.map((value, i) => [fields[i]?.name, value]));
  });
  return {
    rowAsArray,
    fields: fields.map((field) => ({
      name: field.name,
      dataTypeID: field.dataTypeID,
      tableID: field.tableID,
      columnID: field.columnID,
      dataTypeSize: field.dataTypeSize,
      dataTypeModifier: field.dataTypeModifier,
      format: "text",
    })),
    rows,
    command,
    rowCount,
  };
}

/** About how many bytes the rows are in JSON; quotes and escapes are not counted. */
function sizeOf({ rows }: SqlResult): number {
  let size = 0;
  for (const row of rows) for (const value of row) size += value === null ? 4 : Buffer.byteLength(value);
  return size;
}
