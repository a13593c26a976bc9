import type { EventEmitter } from "node:events";
import pg from "pg";
import { type Backend, isDatabaseError, type Query } from "./backend.ts";

/** Room for a burst of writers that wait for one row, well below a server's default of 100 connections. */
const MAX_CONNECTIONS = 20;
/** Also for a connection of the pool to be free: as long as the Worker waits for an answer. */
const CONNECT_TIMEOUT_MS = 10_000;

const asText = { getTypeParser: () => (value: unknown) => value };

/** A real Postgres by its URL. Requests run in parallel, each on a connection of the pool. */
export function openPostgres(url: string): Backend {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    allowExitOnIdle: true,
  });
  // A connection that dies fails its query, and the pool replaces it; as an unheard event it would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", () => {});
    endCopy(client);
  });

  return {
    connectionString: url,
    async withConnection(work) {
      const client = await pool.connect();
      let usable = true;
      try {
        return await work((text, params) => run(client, text, params));
      } catch (error) {
        // After a FATAL error the connection is about to close: the next request must not get it.
        usable = isDatabaseError(error) && error.severity === "ERROR";
        throw error;
      } finally {
        // Not idle: somebody's BEGIN without an end. The next request must not find itself inside it.
        client.release(!usable || client.getTransactionStatus() !== "I");
      }
    },
    close: () => pool.end(),
  };
}

/**
 * COPY FROM STDIN is refused by the driver, which then waits for ever: its Sync was read as part of the copied data.
 * A second one ends the turn.
 */
function endCopy(client: pg.PoolClient): void {
  const { connection } = client as unknown as { connection: EventEmitter & { sync(): void } };
  connection.on("copyInResponse", () => connection.sync());
}

async function run(client: pg.PoolClient, text: string, params: Parameters<Query>[1]): ReturnType<Query> {
  const { fields, rows, command, rowCount } = await client.query<(string | null)[]>({
    text,
    values: params,
    rowMode: "array",
    types: asText,
    // Otherwise a query without parameters could hold several statements, which Neon refuses.
    queryMode: "extended",
  } as pg.QueryArrayConfig);
  return { fields, rows, command: command ?? "", rowCount };
}
