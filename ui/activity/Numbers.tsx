import * as own from "../strings/activity.ts";
import { fullCount, money, timeOf } from "./axis.ts";
import { type Range, STEPS } from "./range.ts";
import { type Column, isEmpty, presentIn } from "./series.ts";

interface Props {
  range: Range;
  columns: Column[];
  total: Column;
}

/** What the chart shows, and the cost, for those who read rather than look. */
export function Numbers({ range, columns, total }: Props) {
  const bands = presentIn(total);
  const cells = ({ counts, costUsd }: Column) => (
    <>
      {bands.map((band) => (
        <td key={band}>{fullCount(counts[band])}</td>
      ))}
      <td>{own.dollars(money(costUsd))}</td>
    </>
  );
  const step = STEPS[range];
  return (
    <details class="numbers">
      <summary>{own.numbers}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scrolled" aria-label={own.numbers} tabIndex={0}>
        <table>
          <caption class="hint">
            {own.caption(own.span[range])} {step === "day" && own.utcDays}
          </caption>
          <thead>
            <tr>
              <th scope="col">{own.time}</th>
              {bands.map((band) => (
                <th key={band} scope="col">
                  {own.bands[band]}
                </th>
              ))}
              <th scope="col">{own.cost}</th>
            </tr>
          </thead>
          <tbody>
            {columns
              .filter((column) => !isEmpty(column))
              .map((column) => (
                <tr key={column.at}>
                  <th scope="row">{timeOf(step, column.at)}</th>
                  {cells(column)}
                </tr>
              ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{own.total}</th>
              {cells(total)}
            </tr>
          </tfoot>
        </table>
      </section>
    </details>
  );
}
