import type { QuietWindow } from "../api.ts";
import * as own from "../strings/rules.ts";
import { DAY_MINUTES, stretchesOf, WEEKDAYS } from "./week.ts";

const HOURS = [0, 6, 12, 18, 24];
const ROW = 26;
const LEFT = 44;
const WIDTH = 640;
const TOP = 22;

const x = (minutes: number) => LEFT + (minutes / DAY_MINUTES) * (WIDTH - LEFT - 16);

/** The quiet hours as a picture of the week. Whoever cannot see it has the rows above. */
export function WeekGrid({ windows }: { windows: QuietWindow[] }) {
  return (
    <svg class="week" viewBox={`0 0 ${WIDTH} ${TOP + ROW * 7}`} aria-hidden="true">
      {HOURS.map((hour) => (
        <text key={hour} x={x(hour * 60)} y="12" text-anchor="middle">
          {String(hour).padStart(2, "0")}
        </text>
      ))}
      {WEEKDAYS.map((day, row) => (
        <g key={day}>
          <text x="0" y={TOP + ROW * row + 17}>
            {own.days[day].short}
          </text>
          <rect class="day" x={x(0)} y={TOP + ROW * row + 3} width={x(DAY_MINUTES) - x(0)} height={ROW - 6} rx="4" />
        </g>
      ))}
      {stretchesOf(windows).map(({ day, from, to }) => (
        <rect
          key={`${day}-${from}-${to}`}
          class="stretch"
          x={x(from)}
          y={TOP + ROW * day + 3}
          width={x(to) - x(from)}
          height={ROW - 6}
          rx="4"
        />
      ))}
    </svg>
  );
}
