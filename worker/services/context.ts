import type { Scope } from "../domain/api-key.ts";
import { allows } from "../domain/api-key.ts";
import type { Lifetimes } from "../env.ts";
import { AppError } from "../errors.ts";
import type { Postgres } from "../store/postgres.ts";
import type { Redis } from "../store/redis.ts";
import type { Actor } from "../store/schema.ts";

/** What every service needs, made anew for each request. */
export interface Context {
  postgres: Postgres;
  redis: Redis;
  lifetimes: Lifetimes;
  /** How long events are kept, in milliseconds; null for ever. */
  eventsRetentionMs: number | null;
  /** The clock, in epoch ms. */
  now: () => number;
  /** Lets work go on after the answer. */
  defer: (work: Promise<unknown>) => void;
  /** What this isolate knows of Redis' health. */
  health: { redisDownUntil: number };
}

/** Who asks, and what they may do. */
export interface Principal {
  actor: Actor;
  scopes: readonly Scope[];
  /** The only project they may touch; null for all. */
  projectId: string | null;
  /** When their key ends, epoch ms; infinite for one that does not. */
  keyEnds: number;
  /** They came with an API key, or signed in with one: its id is the actor's. */
  hasKey: boolean;
}

/** A context with the one who asks. */
export interface AuthorizedContext extends Context {
  principal: Principal;
}

/**
 * The first line of every verb on a project.
 *
 * @throws AppError `project_not_found` for a project that the key is not for (whether it exists is not told), `forbidden` when
 *   the scope is missing
 */
export function requireProject(context: AuthorizedContext, projectId: string, ...needed: Scope[]): void {
  const { projectId: own } = context.principal;
  if (own !== null && own !== projectId) throw notFound(projectId);
  requireScope(context, ...needed);
}

/** @throws AppError `forbidden` when the key has none of the scopes */
export function requireScope({ principal }: AuthorizedContext, ...needed: Scope[]): void {
  if (allows(principal.scopes, needed)) return;
  const has = principal.scopes.join(", ") || "none";
  throw new AppError("forbidden", `This needs a key with scope ${needed.join(" or ")}; this key has: ${has}.`);
}

export const notFound = (projectId: string): AppError =>
  new AppError(
    "project_not_found",
    `No project ${projectId} is known to this key. Check the id, and the key's project.`,
  );

export const gone = (projectId: string): AppError =>
  new AppError("project_deleted", `Project ${projectId} was deleted; its tracing is off.`);
