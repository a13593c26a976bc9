import { effectiveState } from "../domain/policy.ts";
import type { Propagation } from "../services/publish.ts";
import type { ProjectRow } from "../store/schema.ts";

/** The temporary override in force at `now`, if there is one. */
export const overrideJson = (
  { overrideTrace, overrideUntil }: Pick<ProjectRow, "overrideTrace" | "overrideUntil">,
  now: number,
) =>
  overrideTrace !== null && overrideUntil && overrideUntil.getTime() > now
    ? { trace: overrideTrace, until: overrideUntil.toISOString() }
    : null;

export const lockJson = ({ lockReason, lockedAt }: ProjectRow) =>
  lockReason === null ? null : { reason: lockReason, locked_at: lockedAt?.toISOString() ?? null };

/** What the answer to a change says of it: the state right after, by the rules, unless a break-glass holds. */
export function changeJson(project: ProjectRow, propagation: Propagation, now: number) {
  const { enabled, reason } = effectiveState(project, now);
  const state =
    propagation === "held" && enabled
      ? { effective: false, reason: "break_glass" as const }
      : { effective: enabled, reason };
  return { version: project.version, propagation, ...state };
}
