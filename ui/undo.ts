import type { TracingChange } from "./api.ts";

/** How long a change can be taken back with one press. */
export const UNDO_MS = 10_000;
/** The least that the API sets something for. */
const SHORTEST_MS = 60_000;

/** What was asked for: the switch for good; or the project as a whole until then (epoch ms of this browser's clock). */
export interface Wanted {
  on: boolean;
  until?: number | undefined;
  /** The version that it is meant for: refused when somebody changed the project since. */
  ifVersion?: number;
  /** It lifts an emergency stop, which was on the screen when it was asked for. */
  lifts?: boolean;
  /** It ends what was set for a while. */
  ends?: boolean;
  /** It takes a change back. */
  isUndo?: boolean;
}

/**
 * The one change that brings back what the server found before another; null where nothing would change, and where none does.
 * The switch and an override cannot be set together, and one after the other could leave tracing on for a moment. `now` is
 * this browser's clock, which may be off: what time is left is told by the server's, whose instant a version is.
 */
export function undoOf(
  {
    version,
    tracing_enabled,
    override,
    before,
  }: Pick<TracingChange, "version" | "tracing_enabled" | "override" | "before">,
  now: number,
): Wanted | null {
  const wasSwitched = tracing_enabled !== before.tracing_enabled;
  if (!wasSwitched && isSame(override, before.override)) return null;
  const undo = { ifVersion: version, isUndo: true };
  if (before.override === null) return { on: before.tracing_enabled, ...undo };
  const leftMs = Date.parse(before.override.until) - version;
  // It can be pressed until the ten seconds are over, and must then still be as long as the API wants it.
  if (wasSwitched || leftMs < SHORTEST_MS + UNDO_MS) return null;
  return { on: before.override.trace, until: now + leftMs, ...undo };
}

type Override = TracingChange["override"];

const isSame = (one: Override, other: Override) => one?.trace === other?.trace && one?.until === other?.until;
