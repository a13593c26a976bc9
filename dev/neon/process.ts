/**
 * The database of the local stack, as a child process: `fork` it with an IPC channel.
 *
 * | variable | meaning |
 * |---|---|
 * | `DATABASE_URL` | a real Postgres to put behind the endpoint |
 * | `LOCAL_DIR` | without `DATABASE_URL`: the directory that keeps PGlite's data |
 * | `NEON_PORT` | preferred port (a free one when it is taken, or when absent) |
 *
 * Sends `{type: "ready", url, connectionString}`, or `{type: "failed", message}` with one sentence for the user.
 */
import { runAsChild } from "../child.ts";
import { onPreferredPort } from "../listen.ts";
import type { Backend } from "./backend.ts";
import { startNeonEndpoint } from "./endpoint.ts";
import { openPglite } from "./pglite.ts";
import { openPostgres } from "./postgres.ts";

const { DATABASE_URL, LOCAL_DIR, NEON_PORT } = process.env;

await runAsChild(async () => {
  const backend = DATABASE_URL ? await openReachable(DATABASE_URL) : await openPglite(LOCAL_DIR ?? ".local");
  const endpoint = await onPreferredPort(Number(NEON_PORT ?? 0), (port) => startNeonEndpoint({ backend, port }));
  return {
    ready: { url: endpoint.url, connectionString: endpoint.connectionString },
    async close() {
      await endpoint.close();
      await backend.close();
    },
  };
});

async function openReachable(url: string): Promise<Backend> {
  const backend = openPostgres(url);
  try {
    await backend.withConnection((query) => query("SELECT 1", []));
    return backend;
  } catch (error) {
    await backend.close();
    const { message, code } = error as NodeJS.ErrnoException;
    throw new Error(
      `Postgres at ${URL.parse(url)?.host ?? "DATABASE_URL"} cannot be used (${message || code}): start it, correct DATABASE_URL, or unset it to use the embedded one.`,
    );
  }
}
