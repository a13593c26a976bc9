import type { Marked } from "./activity-api.ts";

/** Changes that are marked by one mark, since two would overlap. */
export interface Marker {
  x: number;
  events: Marked[];
}

/** Where the changes are marked: `xOf` an instant, at least `apart` from each other. */
export function markersOf(events: readonly Marked[], xOf: (at: number) => number, apart: number): Marker[] {
  const markers: Marker[] = [];
  for (const event of events) {
    const x = xOf(Date.parse(event.at));
    const last = markers.at(-1);
    if (last && x - last.x < apart) last.events.push(event);
    else markers.push({ x, events: [event] });
  }
  return markers;
}
