import { fileURLToPath } from "node:url";

/** Where `prepare.ts` unpacks the package, as a user would have it installed. */
export const PACKAGE = fileURLToPath(new URL("../.build/bench/node_modules/tracing-toggle", import.meta.url));

/** The packed SDK. */
export const loadSdk = (): Promise<typeof import("tracing-toggle")> => import(`${PACKAGE}/dist/index.js`);

/** A policy document as it stands in Redis. */
export const policy = (fields: object = {}): string =>
  JSON.stringify({ version: 1_764_000_000_000, enabled: true, reason: "enabled", ...fields });

/** What `MGET` answers for a project's keys. */
export const storedValue = (key: string, document: string): string | null => {
  if (key.endsWith(":policy")) return document;
  const { version, enabled } = JSON.parse(document);
  return key.endsWith(":version") ? `${version}` : `${enabled}`;
};

/** A Redis client that answers at once: the snapshot is refreshed as ever, and the network costs nothing. */
export const instantRedis = (document: string) => ({
  mget: async (...keys: string[]) => keys.map((key) => storedValue(key, document)),
});

export const TOKEN = "token";
export const PROJECT = "0197f3c2-6f0e-7a51-9d3c-1f2e3d4c5b6a";

/** Writes a project's keys by Upstash's REST API, as the Worker does. */
export async function publish(url: string, projectId: string, document: string): Promise<void> {
  const commands = ["enabled", "policy", "version"].map((name) => {
    const key = `tracing:${projectId}:${name}`;
    return ["SET", key, storedValue(key, document)];
  });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${url}/pipeline`, { method: "POST", headers, body: JSON.stringify(commands) });
  if (!response.ok) throw new Error(`publishing failed: ${response.status}`);
}

/** The packed adapter for LangGraph; its peers are the repository's. */
export const loadAdapter = (): Promise<typeof import("tracing-toggle/langgraph")> =>
  import(`${PACKAGE}/dist/adapters/langgraph.js`);

/** The packed live mode. */
export const loadLive = (): Promise<typeof import("tracing-toggle/live")> => import(`${PACKAGE}/dist/live.js`);
