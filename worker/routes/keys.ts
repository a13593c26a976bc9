import { Hono } from "hono";
import { type AppContext, type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { optionalBody, parseBody, parseParam, parseQuery } from "../middleware/parse.ts";
import { createKey, type KeyInfo, listKeys, type MadeKey, revokeKey, rotateKey } from "../services/keys.ts";
import { createKeyBody, keyId, keysQuery, reasonBody, rotateKeyBody } from "./schemas.ts";

const keyJson = (key: KeyInfo) => ({
  id: key.id,
  prefix: `tt_${key.id}`,
  last_four: key.lastFour,
  name: key.name,
  scopes: key.scopes,
  project_id: key.projectId,
  created_at: key.createdAt,
  expires_at: key.expiresAt,
  last_used_at: key.lastUsedAt,
});

const madeJson = (key: MadeKey) => ({ ...keyJson(key), key: key.secret });

const keyIdOf = (c: AppContext) => parseParam(c, "key", keyId, "key_not_found");

export const keys = new Hono<AppEnv>()
  .get("/", authenticate(), async (c) => {
    const { rows, nextCursor } = await listKeys(authorized(c), parseQuery(c, keysQuery));
    return c.json({ keys: rows.map(keyJson), next_cursor: nextCursor });
  })
  .post("/", authenticate(), async (c) => {
    const { project_id: projectId, expires_at: expiresAt, ...rest } = await parseBody(c, createKeyBody);
    const made = await createKey(authorized(c), { ...rest, projectId, expiresAt });
    return c.json(madeJson(made), 201);
  })
  .post("/:key/rotate", authenticate(), async (c) => {
    const id = keyIdOf(c);
    const { expires_in: overlapSeconds, reason } = await optionalBody(c, rotateKeyBody);
    const { made, replaced } = await rotateKey(authorized(c), c.var.memory, id, { overlapSeconds, reason });
    return c.json({ ...madeJson(made), replaces: { id: replaced.id, expires_at: replaced.expiresAt } }, 201);
  })
  .delete("/:key", authenticate(), async (c) => {
    const id = keyIdOf(c);
    const { reason } = await optionalBody(c, reasonBody);
    await revokeKey(authorized(c), c.var.memory, id, reason);
    return c.body(null, 204);
  });
