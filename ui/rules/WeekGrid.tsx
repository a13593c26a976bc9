import { useRef, useState } from "preact/hooks";
import type { QuietWindow } from "../api.ts";
import * as own from "../strings/rules.ts";
import { DAY_MINUTES, type Stretch, stretchesOf, WEEKDAYS, windowOver } from "./week.ts";

const HOURS = ["00", "06", "12", "18", "24"];

interface Place {
  day: number;
  hour: number;
}

interface Props {
  windows: readonly QuietWindow[];
  /** Null: it is only to be looked at. */
  onPaint: ((window: QuietWindow) => void) | null;
}

/**
 * The quiet hours as a picture of the week, a day a row. Dragging over it adds a window. Whoever cannot see or drag has the
 * rows of text above.
 */
export function WeekGrid({ windows, onPaint }: Props) {
  const [from, setFrom] = useState<Place | null>(null);
  const [to, setTo] = useState<Place | null>(null);
  const picture = useRef<SVGSVGElement>(null);
  const painted = from && to && windowOver(from, to);

  const placeOf = ({ clientX, clientY }: PointerEvent): Place => {
    const { left, top, width, height } = (picture.current as SVGSVGElement).getBoundingClientRect();
    const at = (share: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return { day: at((clientY - top) / height, 7), hour: at((clientX - left) / width, 24) };
  };
  const begin = (event: PointerEvent) => {
    if (!onPaint || event.button !== 0) return;
    picture.current?.setPointerCapture(event.pointerId);
    setFrom(placeOf(event));
    setTo(placeOf(event));
  };
  const end = () => {
    if (painted) onPaint?.(painted);
    setFrom(null);
  };

  return (
    <div class="week" aria-hidden="true">
      <div class="hours">
        {HOURS.map((hour) => (
          <span key={hour}>{hour}</span>
        ))}
      </div>
      <div class="weekdays">
        {WEEKDAYS.map((day) => (
          <span key={day}>{own.days[day].short}</span>
        ))}
      </div>
      <svg
        ref={picture}
        aria-hidden="true"
        class={onPaint ? "paintable" : ""}
        viewBox={`0 0 ${DAY_MINUTES} 7`}
        preserveAspectRatio="none"
        onPointerDown={begin}
        onPointerMove={(event) => from && setTo(placeOf(event))}
        onPointerUp={end}
        onPointerCancel={() => setFrom(null)}
      >
        {WEEKDAYS.map((name, day) => (
          <Bar key={name} kind="day" stretch={{ day, from: 0, to: DAY_MINUTES }} />
        ))}
        {stretchesOf(windows).map((stretch) => (
          <Bar key={`${stretch.day}-${stretch.from}-${stretch.to}`} kind="stretch" stretch={stretch} />
        ))}
        {painted && stretchesOf([painted]).map((stretch) => <Bar key={stretch.day} kind="painted" stretch={stretch} />)}
      </svg>
    </div>
  );
}

function Bar({ kind, stretch: { day, from, to } }: { kind: string; stretch: Stretch }) {
  return <rect class={kind} x={from} y={day + 0.1} width={to - from} height="0.8" />;
}
