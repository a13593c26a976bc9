import { useState } from "preact/hooks";
import { now } from "../clock.ts";
import { useValue } from "../signal.ts";
import * as own from "../strings/activity.ts";
import * as changes from "../strings/history.ts";
import { clockTime, duration } from "../time.ts";
import type { Marked } from "./activity-api.ts";
import type { Marker } from "./markers.ts";

/** What was changed when, above the chart: who points at a mark, or comes to it by keyboard, is told. */
export function Markers({ markers, width }: { markers: Marker[]; width: number }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <ul class="markers" aria-label={own.changes}>
      {markers.map((marker) => {
        const key = marker.events[0]?.id ?? "";
        return (
          <Mark
            key={key}
            marker={marker}
            width={width}
            open={open === key}
            onOpen={() => setOpen(key)}
            onClose={() => setOpen(null)}
          />
        );
      })}
    </ul>
  );
}

interface MarkProps {
  marker: Marker;
  width: number;
  open: boolean;
  onOpen: () => void;
  onClose: () => void;
}

function Mark({ marker: { x, events }, width, open, onOpen, onClose }: MarkProps) {
  const id = `changes-${events[0]?.id}`;
  const [first] = events;
  if (first === undefined) return null;
  const place = x < width / 2 ? { left: `${x}px` } : { right: `${width - x}px` };
  return (
    <li
      class={x < width / 2 ? "mark" : "mark mark-right"}
      style={place}
      onMouseEnter={onOpen}
      onMouseLeave={onClose}
      onKeyDown={({ key }) => key === "Escape" && onClose()}
    >
      <button
        type="button"
        aria-describedby={id}
        aria-label={events.length > 1 ? own.changeCount(events.length) : changes.action(first.action)}
        onFocus={onOpen}
        onBlur={onClose}
        onClick={onOpen}
      >
        {events.length > 1 && events.length}
      </button>
      <div id={id} class="tip" role="tooltip" hidden={!open}>
        {events.slice(-MOST_TOLD).map((event) => (
          <Told key={event.id} event={event} />
        ))}
        {events.length > MOST_TOLD && <p class="hint">{own.olderChanges(events.length - MOST_TOLD)}</p>}
      </div>
    </li>
  );
}

const MOST_TOLD = 5;

function Told({ event: { action, actor, at, reason, live_after_ms: liveAfter } }: { event: Marked }) {
  return (
    <div>
      <p>
        <strong>{changes.action(action)}</strong> {actor.via !== "rule" && own.by(actor.name)}
      </p>
      {reason && <p class="why">{reason}</p>}
      <p class="hint">
        {clockTime(Date.parse(at), useValue(now))}
        {liveAfter !== null && `. ${changes.liveAfter(duration(liveAfter))}`}
      </p>
    </div>
  );
}
