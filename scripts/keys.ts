import { createKey, SCOPES, type Scope } from "../worker/domain/api-key.ts";
import type { Connection } from "./database.ts";

/** What a new key is to be: its name, its scopes, and its only project (null: all). */
export interface NewKey {
  name: string;
  scopes: string[];
  projectId?: string | null;
}

/**
 * Stores a new API key's hash.
 *
 * @returns the key, which nothing else keeps
 * @throws Error naming what is wrong: an empty name, a scope or a project that does not exist
 */
export async function storeKey(sql: Connection["sql"], { name, scopes, projectId = null }: NewKey): Promise<string> {
  if (name.trim() === "") throw new Error("A key needs a name, by which the audit log tells who changed what.");
  const wrong = scopes.find((scope) => !SCOPES.includes(scope as Scope));
  if (wrong !== undefined || scopes.length === 0) {
    throw new Error(`"${wrong ?? ""}" is not a scope: use one or more of ${SCOPES.join(", ")}.`);
  }
  const { key, selector, hash, lastFour } = await createKey();
  try {
    await sql`insert into api_keys (selector, hash, last_four, name, scopes, project_id)
      values (${selector}, ${hash}, ${lastFour}, ${name}, ${scopes}, ${projectId})`;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "42P01") throw new Error("The database has no schema yet: run npm run db:migrate first.");
    if (code === "22P02" || code === "23503") throw new Error(`There is no project ${projectId}: check the id.`);
    throw error;
  }
  return key;
}
