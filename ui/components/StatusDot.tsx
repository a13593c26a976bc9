import type { Tone } from "../status.ts";

/** Tells its state by shape, too: filled is on, a ring off, a dot in a ring against the switch, dotted not yet known. */
export function StatusDot({ tone }: { tone: Tone | "busy" | "note" }) {
  return <span class={`dot dot-${tone}`} aria-hidden="true" />;
}
