import { Hono } from "hono";
import { AppError } from "../errors.ts";
import { type AppContext, type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { optionalBody, parseBody, parseParam, parseQuery, projectIdOf } from "../middleware/parse.ts";
import { listUsers, revokeUser, setUser } from "../services/users.ts";
import type { UserOverrideRow } from "../store/schema.ts";
import { reasonBody, userId, userOverrideBody, usersQuery } from "./schemas.ts";

const DAY_MS = 86_400_000;
const ALWAYS_DEFAULT_MS = DAY_MS;
const ALWAYS_MOST_MS = 30 * DAY_MS;

const userJson = ({ userId, trace, reason, createdAt, expiresAt }: Omit<UserOverrideRow, "projectId">) => ({
  user: userId,
  trace,
  reason,
  created_at: createdAt.toISOString(),
  expires_at: expiresAt?.toISOString() ?? null,
});

const userIdOf = (c: AppContext) => parseParam(c, "user", userId, "invalid_user_id");

const wrongExpiry = (message: string) =>
  new AppError("invalid_body", `expires_at: ${message}`, [{ field: "expires_at", message }]);

/** "Always" ends: after a day unless it is said, after 30 at most. "Never" ends only when that is said. */
function expiryOf(trace: boolean, asked: Date | null | undefined, now: number): Date | null {
  if (!trace && !asked) return null;
  if (asked === null) throw wrongExpiry("must be a time for a user who is always traced, 30 days from now at most");
  const expiresAt = asked ?? new Date(now + ALWAYS_DEFAULT_MS);
  if (expiresAt.getTime() <= now) throw wrongExpiry("must be in the future");
  if (trace && expiresAt.getTime() > now + ALWAYS_MOST_MS)
    throw wrongExpiry("must be 30 days from now at most for a user who is always traced");
  return expiresAt;
}

export const users = new Hono<AppEnv>()
  .get("/:id/users", authenticate(), async (c) => {
    const { rows, nextCursor } = await listUsers(authorized(c), projectIdOf(c), parseQuery(c, usersQuery));
    return c.json({ users: rows.map(userJson), next_cursor: nextCursor });
  })
  .put("/:id/users/:user", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const user = userIdOf(c);
    const { trace, reason, expires_at } = await parseBody(c, userOverrideBody);
    const expiresAt = expiryOf(trace, expires_at, c.var.context.now());
    const { row, version, propagation } = await setUser(authorized(c), id, user, { trace, reason, expiresAt });
    return c.json({ ...userJson(row), version, propagation });
  })
  .delete("/:id/users/:user", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const user = userIdOf(c);
    const { reason } = await optionalBody(c, reasonBody);
    return c.json(await revokeUser(authorized(c), id, user, reason));
  });
