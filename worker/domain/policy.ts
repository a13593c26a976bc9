import type { PolicyDocument } from "../../sdk/src/wire.ts";
import type { Lifetimes } from "../env.ts";
import type { Publication } from "../store/redis.ts";
import type { ProjectRow } from "../store/schema.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DOCUMENT_VALID_MS = DAY_MS;
const DOCUMENT_TTL_MS = 7 * DAY_MS;
const PUBLISH_AGAIN_MS = 60_000;
const RENEW_MS = 12 * HOUR_MS;

/** How long a deleted project's `false` and its off document stay in Redis. */
export const DELETED_TTL_MS = 30 * DAY_MS;

/** What follows from all of a project's rules, before users and sampling. */
export interface EffectiveState {
  enabled: boolean;
  reason: "enabled" | "disabled" | "deleted";
}

export function effectiveState(project: ProjectRow): EffectiveState {
  if (project.deletedAt) return { enabled: false, reason: "deleted" };
  return project.tracingEnabled ? { enabled: true, reason: "enabled" } : { enabled: false, reason: "disabled" };
}

/** The policy document as it goes over the wire: {@link PolicyDocument} with its overrides as an object. */
export type WireDocument = Omit<PolicyDocument, "overrides"> & { overrides: Record<string, [boolean, number | null]> };

/** @param now epoch ms */
export function policyDocument(project: ProjectRow, now: number): WireDocument {
  return {
    version: project.version,
    ...effectiveState(project),
    sample_rate: 1,
    capture: "full",
    when_unavailable: "last_known",
    // Nobody need ask again about a deleted project.
    ...(project.deletedAt ? {} : { until: now + DOCUMENT_VALID_MS }),
    overrides: {},
    transitions: [],
  };
}

/**
 * What is to stand in Redis for a project, from `now` (epoch ms) on.
 *
 * `true` expires soon. `false` lives long: readers of the one key take a missing one for "on".
 */
export function publication(project: ProjectRow, lifetimes: Lifetimes, now: number): Publication {
  const document = policyDocument(project, now);
  const { enabled } = document;
  const lifetime = project.deletedAt ? DELETED_TTL_MS : enabled ? lifetimes.enabledMs : lifetimes.disabledMs;
  return {
    projectId: project.id,
    version: project.version,
    document: JSON.stringify(document),
    enabled,
    enabledUntil: now + lifetime,
    documentTtlMs: project.deletedAt ? DELETED_TTL_MS : DOCUMENT_TTL_MS,
  };
}

/**
 * When a project's keys want to be written again, after they were written at `now` (epoch ms): a minute after the change,
 * since a Redis failover may have lost the first write; then every 12 h, unless the project is plainly on (its document is
 * filled in again on a miss) or was deleted long ago.
 */
export function nextPublishAt(project: ProjectRow, lifetimes: Lifetimes, now: number): Date | null {
  const again = project.updatedAt.getTime() + PUBLISH_AGAIN_MS;
  if (again > now) return new Date(again);
  if (project.deletedAt && now - project.deletedAt.getTime() > DELETED_TTL_MS) return null;
  return effectiveState(project).enabled ? null : new Date(now + Math.min(RENEW_MS, lifetimes.disabledMs / 2));
}
