import { useLayoutEffect, useRef, useState } from "preact/hooks";
import * as own from "../strings/activity.ts";
import type { Metrics } from "./activity-api.ts";
import { compactCount, countTicks, tickLabel, timeTicks } from "./axis.ts";
import { Legend } from "./Legend.tsx";
import { Markers } from "./Markers.tsx";
import { markersOf } from "./markers.ts";
import { Patterns, patternOf } from "./Patterns.tsx";
import { type Range, STEPS } from "./range.ts";
import { type Band, type Column, partsOf } from "./series.ts";
import { summaryOf } from "./shares.ts";

const LEFT = 44;
const RIGHT = 18;
const TOP = 10;
const BOTTOM = 26;
const HEIGHT = 230;
const LEAST = 2;
const MARKER = 26;

interface Props {
  range: Range;
  metrics: Metrics;
  columns: Column[];
  total: Column;
}

/**
 * Decisions by reason as stacked columns, with the changes above them. An SVG of the page's own: it takes its colours from the
 * style sheet, whatever the theme, also on paper.
 */
export function Chart({ range, metrics, columns, total }: Props) {
  const [pointed, setPointed] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const inner = Math.max(0, width - LEFT - RIGHT);
  const from = Date.parse(metrics.from);
  const until = Date.parse(metrics.to);
  const xOf = (at: number) => LEFT + ((at - from) / (until - from)) * inner;
  const point = (event: PointerEvent & { currentTarget: SVGElement }) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    const index = Math.floor((x / inner) * columns.length);
    setPointed(index >= 0 && index < columns.length ? index : null);
  };
  const column = pointed === null ? undefined : columns[pointed];

  return (
    <figure class="card chart" aria-labelledby="chart-summary">
      <figcaption id="chart-summary">{summaryOf(range, metrics.total)}</figcaption>
      <div ref={box} class="chart-box">
        <Markers markers={markersOf(metrics.events, xOf, MARKER)} width={width} />
        <svg
          viewBox={`0 0 ${width || 1} ${TOP + HEIGHT + BOTTOM}`}
          role="img"
          aria-label={own.chart}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setPointed(null)}
        >
          <Patterns />
          <Plot range={range} columns={columns} width={width} pointed={pointed} xOf={xOf} />
          {metrics.events.map(({ id, at }) => (
            <line
              key={id}
              class="change-line"
              x1={xOf(Date.parse(at))}
              x2={xOf(Date.parse(at))}
              y1={0}
              y2={TOP + HEIGHT}
            />
          ))}
        </svg>
      </div>
      <Legend range={range} total={total} pointed={column} isLast={pointed === columns.length - 1} />
      {metrics.has_more_events && <p class="hint">{own.manyChanges}</p>}
    </figure>
  );
}

interface PlotProps {
  range: Range;
  columns: Column[];
  width: number;
  pointed: number | null;
  xOf: (at: number) => number;
}

function Plot({ range, columns, width, pointed, xOf }: PlotProps) {
  const ticks = countTicks(Math.max(...columns.map(({ total }) => total)));
  const highest = ticks.at(-1) ?? 1;
  const yOf = (count: number) => TOP + HEIGHT - (count / highest) * HEIGHT;
  const each = Math.max(1, (width - LEFT - RIGHT) / columns.length);
  const step = STEPS[range];
  return (
    <>
      {ticks.map((count) => (
        <g key={count}>
          <line class="grid" x1={LEFT} x2={width - RIGHT} y1={yOf(count)} y2={yOf(count)} />
          <text x={LEFT - 8} y={yOf(count) + 4} text-anchor="end">
            {compactCount(count)}
          </text>
        </g>
      ))}
      {timeTicks(
        step,
        columns.map(({ at }) => at),
      ).map((at) => (
        <text key={at} x={xOf(at) + each / 2} y={TOP + HEIGHT + 19} text-anchor="middle">
          {tickLabel(step, at)}
        </text>
      ))}
      {pointed !== null && <rect class="pointed" x={LEFT + pointed * each} y={TOP} width={each} height={HEIGHT} />}
      {Array.from(outlinesOf(columns, highest, each), ([band, outline]) => (
        <path key={band} class="part" d={outline} fill={patternOf(band)} />
      ))}
    </>
  );
}

/** One path for each band, not one for each of its parts: on paper every fill by a pattern is a picture. */
function outlinesOf(columns: Column[], highest: number, each: number): Map<Band, string> {
  const gap = Math.min(3, each / 5);
  const outlines = new Map<Band, string>();
  columns.forEach((column, index) => {
    const x = LEFT + index * each + gap / 2;
    for (const { band, y, height } of partsOf(column, highest, HEIGHT, LEAST)) {
      const outline = `M${x},${TOP + y}h${each - gap}v${height}h${gap - each}z`;
      outlines.set(band, (outlines.get(band) ?? "") + outline);
    }
  });
  return outlines;
}

/** How wide the element is now. */
function useWidth(box: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width;
}
