import { useRef, useState } from "preact/hooks";
import type { QuietWindow } from "../api.ts";
import * as own from "../strings/rules.ts";
import {
  type Area,
  areaAfter,
  DAY_MINUTES,
  type Place,
  type Stretch,
  stretchesOf,
  WEEKDAYS,
  windowOver,
} from "./week.ts";

const HOURS = ["00", "06", "12", "18", "24"];

const FIRST: Area = { from: { day: 0, hour: 0 }, to: { day: 0, hour: 0 } };

interface Props {
  windows: readonly QuietWindow[];
  /** Null: it is only to be looked at. */
  onPaint: ((window: QuietWindow) => void) | null;
}

/**
 * The quiet hours as a picture of the week, a day a row. Dragging over it, or marking with the arrow keys, adds a window. Whoever
 * cannot see it has the rows of text above.
 */
export function WeekGrid({ windows, onPaint }: Props) {
  const { marked, ...handlers } = usePainting(onPaint);
  const painted = marked && windowOver(marked);
  const isThere = windows.some((window) => JSON.stringify(window) === JSON.stringify(painted));
  const picture = (
    <svg aria-hidden="true" viewBox={`0 0 ${DAY_MINUTES} 7`} preserveAspectRatio="none">
      {WEEKDAYS.map((name, day) => (
        <Bar key={name} kind="day" stretch={{ day, from: 0, to: DAY_MINUTES }} />
      ))}
      {stretchesOf(windows).map((stretch) => (
        <Bar key={`${stretch.day}-${stretch.from}-${stretch.to}`} kind="stretch" stretch={stretch} />
      ))}
      {painted && stretchesOf([painted]).map((stretch) => <Bar key={stretch.day} kind="painted" stretch={stretch} />)}
    </svg>
  );
  return (
    <>
      <div class="week">
        <div class="hours" aria-hidden="true">
          {HOURS.map((hour) => (
            <span key={hour}>{hour}</span>
          ))}
        </div>
        <div class="weekdays" aria-hidden="true">
          {WEEKDAYS.map((day) => (
            <span key={day}>{own.days[day].short}</span>
          ))}
        </div>
        {onPaint ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is worked by the keyboard
          <div {...handlers} role="application" tabIndex={0} class="paintable" aria-label={own.week}>
            {picture}
          </div>
        ) : (
          picture
        )}
      </div>
      {onPaint && (
        <p class="marked" role="status">
          {painted && own.marked(painted, isThere)}
        </p>
      )}
    </>
  );
}

/** What is marked by mouse or by keyboard, and what marks it. */
function usePainting(onPaint: Props["onPaint"]) {
  const [marked, setMarked] = useState<Area | null>(null);
  const dragging = useRef(false);

  const placeOf = ({ clientX, clientY, currentTarget }: PointerEvent): Place => {
    const { left, top, width, height } = (currentTarget as HTMLElement).getBoundingClientRect();
    const at = (share: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return { day: at((clientY - top) / height, 7), hour: at((clientX - left) / width, 24) };
  };
  const finish = (area: Area | null) => {
    if (dragging.current && area) onPaint?.(windowOver(area));
    dragging.current = false;
    setMarked(null);
  };

  return {
    marked,
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0) return;
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      dragging.current = true;
      setMarked({ from: placeOf(event), to: placeOf(event) });
    },
    onPointerMove(event: PointerEvent) {
      if (dragging.current && marked) setMarked({ ...marked, to: placeOf(event) });
    },
    onPointerUp: () => finish(marked),
    onPointerCancel: () => finish(null),
    onFocus: () => setMarked((area) => area ?? FIRST),
    onBlur: () => finish(null),
    onKeyDown(event: KeyboardEvent) {
      const next = areaAfter(event.key, marked ?? FIRST, event.shiftKey);
      const adds = event.key === "Enter" || event.key === " ";
      if (next === undefined && !adds) return;
      event.preventDefault();
      if (next) setMarked(next);
      else if (marked) onPaint?.(windowOver(marked));
    },
  };
}

function Bar({ kind, stretch: { day, from, to } }: { kind: string; stretch: Stretch }) {
  return <rect class={kind} x={from} y={day + 0.1} width={to - from} height="0.8" />;
}
