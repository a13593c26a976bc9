import { Hono } from "hono";
import { type AppContext, type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { optionalBody, parseBody, parseParam, parseQuery } from "../middleware/parse.ts";
import { repeatable } from "../middleware/repeatable.ts";
import {
  createKey,
  type KeyInfo,
  listKeys,
  type MadeKey,
  type Rotation,
  recallKey,
  recallRotation,
  revokeKey,
  rotateKey,
} from "../services/keys.ts";
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
  revoked_at: key.revokedAt,
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
    const made = await repeatable(c, {
      make: async (claim) => madeJson(await createKey(authorized(c), { ...rest, projectId, expiresAt }, claim)),
      recall: async (made) => madeJson(await recallKey(authorized(c), made)),
    });
    return c.json(made, 201);
  })
  .post("/:key/rotate", authenticate(), async (c) => {
    const id = keyIdOf(c);
    const { expires_in: overlapSeconds, reason } = await optionalBody(c, rotateKeyBody);
    const json = ({ made, replaced }: Rotation) => ({
      ...madeJson(made),
      replaces: { id: replaced.id, expires_at: replaced.expiresAt },
    });
    const rotation = await repeatable(c, {
      make: async (claim) => json(await rotateKey(authorized(c), c.var.memory, id, { overlapSeconds, reason }, claim)),
      recall: async (made) => json(await recallRotation(authorized(c), made, id)),
    });
    return c.json(rotation, 201);
  })
  .delete("/:key", authenticate(), async (c) => {
    const id = keyIdOf(c);
    const { reason } = await optionalBody(c, reasonBody);
    await revokeKey(authorized(c), c.var.memory, id, reason);
    return c.body(null, 204);
  });
