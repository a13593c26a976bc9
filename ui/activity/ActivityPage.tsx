import { useEffect, useMemo } from "preact/hooks";
import type { Project } from "../api.ts";
import { Heading } from "../components/Heading.tsx";
import { PassingButton } from "../components/PassingButton.tsx";
import { explain } from "../problem.ts";
import type { ApiError } from "../request.ts";
import { useValue } from "../signal.ts";
import * as own from "../strings/activity.ts";
import * as strings from "../strings.ts";
import { absoluteTime } from "../time.ts";
import { type Metrics, readMetrics } from "./activity-api.ts";
import { createActivityState, POLL_MS } from "./activity-state.ts";
import { Chart } from "./Chart.tsx";
import { Figures } from "./Figures.tsx";
import { Nothing } from "./Nothing.tsx";
import { Numbers } from "./Numbers.tsx";
import { RANGES, type Range } from "./range.ts";
import { columnOf, isEmpty } from "./series.ts";
import { useRange } from "./use-range.ts";

const TITLE_ID = "activity-title";
const time = new Intl.DateTimeFormat(strings.locale, { timeStyle: "medium", hourCycle: "h23" });

export function ActivityPage({ project: { id } }: { project: Project }) {
  const [range, choose] = useRange();
  const state = useMemo(() => createActivityState((of) => readMetrics(id, of)), [id]);
  useEffect(() => state.watch(range), [state, range]);
  const { shown, error, confirmedAt } = useValue(state.view);
  const current = shown?.range === range ? shown.metrics : null;

  return (
    <section class="activity" aria-labelledby={TITLE_ID}>
      <Heading level={2} id={TITLE_ID}>
        {own.title}
      </Heading>
      <p class="lead">{own.intro}</p>
      <div class="activity-bar">
        <RangeChoice range={range} onChoose={choose} />
        <div role="status">
          {error && current && (
            <p class="stale">
              {strings.lastConfirmed(absoluteTime(confirmedAt))} {explain(error)}
            </p>
          )}
        </div>
        {!error && (
          <p class="hint">{current ? own.updated(time.format(confirmedAt), POLL_MS[range] / 1_000) : own.loading}</p>
        )}
      </div>
      {error && current === null ? (
        <NotLoaded error={error} onRetry={state.refresh} />
      ) : (
        <Shown projectId={id} range={shown?.range ?? range} metrics={shown?.metrics ?? null} busy={current === null} />
      )}
    </section>
  );
}

function RangeChoice({ range, onChoose }: { range: Range; onChoose: (range: Range) => void }) {
  return (
    <fieldset class="ranges">
      <legend class="visually-hidden">{own.rangeLabel}</legend>
      {RANGES.map((name) => (
        <button key={name} type="button" aria-pressed={name === range} onClick={() => onChoose(name)}>
          {own.ranges[name]}
        </button>
      ))}
    </fieldset>
  );
}

interface ShownProps {
  projectId: string;
  range: Range;
  metrics: Metrics | null;
  /** Another range is on its way. */
  busy: boolean;
}

function Shown({ projectId, range, metrics, busy }: ShownProps) {
  if (metrics === null) return <div class="skeleton skeleton-activity" aria-busy="true" />;
  const total = columnOf(metrics.total);
  const columns = metrics.buckets.map(columnOf);
  return (
    <div class="activity-shown" aria-busy={busy}>
      {isEmpty(total) ? (
        <Nothing projectId={projectId} range={range} />
      ) : (
        <Chart range={range} metrics={metrics} columns={columns} total={total} />
      )}
      <Figures metrics={metrics} />
      {!isEmpty(total) && <Numbers range={range} columns={columns} total={total} />}
    </div>
  );
}

function NotLoaded({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  return (
    <div class="card nothing" role="alert">
      <p class="error">
        {own.notLoaded} {explain(error)}
      </p>
      <PassingButton refuge={TITLE_ID} onClick={onRetry}>
        {strings.tryAgain}
      </PassingButton>
    </div>
  );
}
