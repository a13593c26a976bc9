import path from "node:path";
import { PGlite, protocol } from "@electric-sql/pglite";
import type { Backend, Query, SqlResult } from "./backend.ts";
import { lockDirectory } from "./lock.ts";

const { messages, serialize } = protocol;

/**
 * Postgres in this process, in memory or kept in `directory` (made when missing; one opener at a time).
 * It has one connection: requests queue, and a transaction keeps it until it ends.
 *
 * @param template what `dumpDataDir` of an earlier one gave: in memory, it starts from that, in a tenth of the time
 * @throws one sentence for the user when the directory is locked by another process or cannot be written
 */
export async function openPglite(directory?: string, template?: Blob): Promise<Backend> {
  const lock = directory === undefined ? undefined : await lockDirectory(directory);
  const db = await open(directory, template).catch(async (error) => {
    await lock?.release();
    throw error;
  });
  return {
    connectionString: "postgresql://postgres:local@127.0.0.1/postgres",
    withConnection: (work) =>
      db.runExclusive(async () => {
        try {
          return await work((text, params) => run(db, text, params));
        } finally {
          // Somebody's BEGIN without an end: the next request must not find itself inside it.
          if (db.isInTransaction()) await run(db, "ROLLBACK", []);
        }
      }),
    async close() {
      // Waits for what is queued: closing in the middle of a transaction would leave its caller without an answer.
      await db.runExclusive(async () => {});
      await db.close();
      await lock?.release();
    },
  };
}

function open(directory: string | undefined, template: Blob | undefined): Promise<PGlite> {
  if (directory !== undefined) return PGlite.create(path.join(directory, "postgres"));
  return PGlite.create(template ? { loadDataDir: template } : {});
}

/** One turn of the extended protocol. PGlite's own `query()` would not tell the command tag. */
async function run(db: PGlite, text: string, params: Parameters<Query>[1]): Promise<SqlResult> {
  const turn = [
    serialize.parse({ text }),
    serialize.bind({ values: params }),
    serialize.describe({ type: "P" }),
    serialize.execute({}),
    // Only COPY ... FROM STDIN reads it, and fails; for want of data PGlite would end instead.
    serialize.copyFail("COPY FROM STDIN is not available over HTTP"),
    serialize.sync(),
  ];
  const answer = await db.execProtocol(Buffer.concat(turn), { throwOnError: false });

  const result: SqlResult = { fields: [], rows: [], command: "", rowCount: null };
  for (const message of answer.messages) {
    if (message instanceof messages.DatabaseError) throw message;
    if (message instanceof messages.RowDescriptionMessage) result.fields = message.fields;
    else if (message instanceof messages.DataRowMessage) result.rows.push(message.fields);
    else if (message instanceof messages.CommandCompleteMessage) Object.assign(result, parseCommandTag(message.text));
  }
  return result;
}

/** `INSERT 0 3` and `SELECT 3` count 3 rows; `CREATE TABLE` counts nothing. */
function parseCommandTag(tag: string): Pick<SqlResult, "command" | "rowCount"> {
  const [command = "", ...rest] = tag.split(" ");
  const count = rest.at(-1);
  return { command, rowCount: count !== undefined && /^\d+$/.test(count) ? Number(count) : null };
}
