import * as own from "../strings/activity.ts";
import { fullCount, timeOf } from "./axis.ts";
import { patternOf } from "./Patterns.tsx";
import { type Range, STEPS } from "./range.ts";
import { type Column, presentIn } from "./series.ts";
import { shareOf } from "./shares.ts";

interface Props {
  range: Range;
  total: Column;
  /** The column that is pointed at. */
  pointed: Column | undefined;
  /** It is the newest, which still grows. */
  isLast: boolean;
}

/** In the order of the columns, from the top down; with the numbers of the one that is pointed at. */
export function Legend({ range, total, pointed, isLast }: Props) {
  const shown = pointed ?? total;
  const time = pointed && timeOf(STEPS[range], pointed.at);
  return (
    <div class="legend">
      <p>{time ? (isLast ? own.unfinished(time) : time) : own.inTotal(own.span[range])}</p>
      <ul aria-label={own.legend}>
        {presentIn(total)
          .reverse()
          .map((band) => (
            <li key={band}>
              <svg class="swatch" viewBox="0 0 24 16" aria-hidden="true">
                <rect class="part" x="0.5" y="0.5" width="23" height="15" fill={patternOf(band)} />
              </svg>
              <span>{own.bands[band]}</span>
              <span class="count">
                {fullCount(shown.counts[band])} <span class="hint">{shareOf(shown.counts[band], shown.total)}</span>
              </span>
            </li>
          ))}
      </ul>
    </div>
  );
}
