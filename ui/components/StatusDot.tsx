import type { Tone } from "../status.ts";

/** Tells its state by shape as well: filled is on, a ring is off, a ring with a dot is off or on against the switch. */
export function StatusDot({ tone }: { tone: Tone | "busy" }) {
  return <span class={`dot dot-${tone}`} aria-hidden="true" />;
}
