import type { Project, TracingChange } from "./api.ts";

/** How long a change can be taken back with one press. */
export const UNDO_MS = 10_000;
/** The least that the API sets something for. */
export const SHORTEST_MS = 60_000;

/** What was asked for: the switch for good; or the project as a whole until then (epoch ms). */
export interface Wanted {
  on: boolean;
  until?: number | undefined;
  /** The version of the change that this takes back, which nobody may have changed since. */
  undoes?: number;
}

/**
 * The one change that brings back what was before another; null where none does. The switch and an override cannot be set
 * together, and one after the other could leave tracing on for a moment; nor does this page set an emergency stop.
 */
export function undoOf(
  before: Project,
  wasStopped: boolean,
  { version, tracing_enabled }: Pick<TracingChange, "version" | "tracing_enabled">,
  now: number,
): Wanted | null {
  if (wasStopped) return null;
  const until = before.override ? Date.parse(before.override.until) : 0;
  if (before.override === null || until <= now) return { on: before.tracing_enabled, undoes: version };
  const wasSwitched = tracing_enabled !== before.tracing_enabled;
  if (wasSwitched || until - now < SHORTEST_MS) return null;
  return { on: before.override.trace, until, undoes: version };
}
