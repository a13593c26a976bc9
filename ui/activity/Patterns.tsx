import type { ComponentChildren } from "preact";
import { BANDS, type Band } from "./series.ts";

const SIZE = 6;

/** What tells the bands apart for who cannot tell their colours apart. Traced is the only one that is plain. */
const LINES: Record<Band, ComponentChildren> = {
  traced: <rect width={SIZE} height={SIZE} fill="currentColor" stroke="none" />,
  not_sampled: <path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2" />,
  switched_off: <path d="M0,1.5 h6 M0,4.5 h6" />,
  schedule: <circle cx="3" cy="3" r="1.7" fill="currentColor" stroke="none" />,
  budget: <path d="M1.5,0 v6 M4.5,0 v6" />,
  stopped: <path d="M0,3 h6 M3,0 v6" />,
  user_override: <path d="M-1,5 l2,2 M0,0 l6,6 M5,-1 l2,2" />,
  no_policy: <path d="M0,0 l6,6 M0,6 l6,-6" />,
  other: <path d="M0,5.5 h6" />,
};

const idOf = (band: Band) => `pattern-${band}`;
export const patternOf = (band: Band): string => `url(#${idOf(band)})`;

/** The fills of the bands, for the whole page. */
export function Patterns() {
  return (
    <defs>
      {BANDS.map((band) => (
        <pattern
          key={band}
          id={idOf(band)}
          class={`band band-${band}`}
          width={SIZE}
          height={SIZE}
          patternUnits="userSpaceOnUse"
        >
          <rect class="ground" width={SIZE} height={SIZE} />
          {LINES[band]}
        </pattern>
      ))}
    </defs>
  );
}
