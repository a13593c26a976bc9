import { type ScaleLinear, scaleLinear } from "d3-scale";
import type { Series } from "d3-shape";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import * as own from "../strings/activity.ts";
import type { Metrics } from "./activity-api.ts";
import { compactCount, countScale, countTicks, tickLabel, timeTicks } from "./axis.ts";
import { Legend } from "./Legend.tsx";
import { Markers } from "./Markers.tsx";
import { markersOf } from "./markers.ts";
import { Patterns, patternOf } from "./Patterns.tsx";
import { type Range, STEPS } from "./range.ts";
import { type Band, type Column, presentIn, stackOf } from "./series.ts";
import { summaryOf } from "./shares.ts";

const LEFT = 44;
const RIGHT = 18;
const TOP = 10;
const BOTTOM = 26;
const HEIGHT = 230;
const BASE = TOP + HEIGHT;
const LEAST = 2;
const MARKER = 26;

interface Props {
  range: Range;
  metrics: Metrics;
  columns: Column[];
  total: Column;
}

/**
 * Decisions by reason as stacked columns, with the changes above them. d3 computes the scales, the ticks and the stack;
 * the page draws them as SVG, which takes its colours from the style sheet, whatever the theme, also on paper.
 */
export function Chart({ range, metrics, columns, total }: Props) {
  const [pointed, setPointed] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const from = Date.parse(metrics.from);
  const until = Date.parse(metrics.to);
  const x = scaleLinear([from, until], [LEFT, Math.max(LEFT, width - RIGHT)]);
  const point = (event: PointerEvent & { currentTarget: SVGElement }) => {
    const at = x.invert(event.clientX - event.currentTarget.getBoundingClientRect().left);
    setPointed(at >= from && at < until ? indexAt(columns, at) : null);
  };
  const column = pointed === null ? undefined : columns[pointed];

  return (
    <figure class="card chart" aria-labelledby="chart-summary">
      <figcaption id="chart-summary">{summaryOf(range, metrics.total)}</figcaption>
      <div ref={box} class="chart-box">
        <Markers markers={markersOf(metrics.events, x, MARKER)} width={width} />
        <svg
          viewBox={`0 0 ${width || 1} ${BASE + BOTTOM}`}
          role="img"
          aria-label={own.chart}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setPointed(null)}
        >
          <Patterns />
          <Plot range={range} columns={columns} bands={presentIn(total)} pointed={pointed} x={x} />
          {metrics.events.map(({ id, at }) => (
            <line key={id} class="change-line" x1={x(Date.parse(at))} x2={x(Date.parse(at))} y1={0} y2={BASE} />
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
  bands: Band[];
  pointed: number | null;
  x: ScaleLinear<number, number>;
}

function Plot({ range, columns, bands, pointed, x }: PlotProps) {
  const heightOf = countScale(Math.max(...columns.map(({ total }) => total)), HEIGHT);
  const [from, until] = x.domain() as [number, number];
  const [left, right] = x.range() as [number, number];
  const each = (right - left) / columns.length;
  const step = STEPS[range];
  return (
    <>
      {countTicks(heightOf).map((count) => (
        <g key={count}>
          <line class="grid" x1={left} x2={right} y1={BASE - heightOf(count)} y2={BASE - heightOf(count)} />
          <text x={left - 8} y={BASE - heightOf(count) + 4} text-anchor="end">
            {compactCount(count)}
          </text>
        </g>
      ))}
      {timeTicks(step, from, until).map((at) => (
        <text key={at} x={left + (indexAt(columns, at) + 0.5) * each} y={BASE + 19} text-anchor="middle">
          {tickLabel(step, at)}
        </text>
      ))}
      {pointed !== null && <rect class="pointed" x={left + pointed * each} y={TOP} width={each} height={HEIGHT} />}
      {stackOf(columns, bands, heightOf, LEAST).map((parts) => (
        <path key={parts.key} class="part" d={outlineOf(parts, x, each)} fill={patternOf(parts.key)} />
      ))}
    </>
  );
}

/** The column that an instant falls in. */
const indexAt = (columns: Column[], instant: number): number => columns.findLastIndex(({ at }) => at <= instant);

/** One path for the whole band, not one for each of its parts: on paper every fill by a pattern is a picture. */
function outlineOf(parts: Series<Column, Band>, x: ScaleLinear<number, number>, each: number): string {
  const gap = Math.min(3, each / 5);
  return parts
    .filter(([lower, upper]) => upper > lower)
    .map(({ 0: lower, 1: upper, data: { at } }) => {
      const left = x(at) + gap / 2;
      return `M${left},${BASE - upper}h${each - gap}v${upper - lower}h${gap - each}z`;
    })
    .join("");
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
