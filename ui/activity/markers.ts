import type { Marked } from "./activity-api.ts";

/** Changes that are marked by one mark, since two would overlap. */
export interface Marker {
  x: number;
  events: Marked[];
}

/** Where the changes are marked: `xOf` an instant, at least `apart` from each other. */
export function markersOf(events: readonly Marked[], xOf: (at: number) => number, apart: number): Marker[] {
  const markers: Marker[] = [];
  const places = events.map((event) => ({ event, x: xOf(Date.parse(event.at)) })).sort((a, b) => a.x - b.x);
  for (const { event, x } of places) {
    const last = markers.at(-1);
    if (last && x - last.x < apart) last.events.push(event);
    else markers.push({ x, events: [event] });
  }
  return markers;
}
