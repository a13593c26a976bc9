import * as own from "../strings/activity.ts";
import { duration } from "../time.ts";
import type { Metrics } from "./activity-api.ts";
import { fullCount, money } from "./axis.ts";
import { decisionsOf } from "./series.ts";
import { shareOf } from "./shares.ts";

/** Each with what it is based on. */
export function Figures({ metrics }: { metrics: Metrics }) {
  const { total, savings, propagation } = metrics;
  const reported = Number(total.cost_usd) > 0;
  return (
    <dl class="figures">
      <Figure
        title={own.costTitle}
        value={own.dollars(money(total.cost_usd))}
        basis={reported ? own.costBasis : own.noCost}
      />
      {savings ? (
        <Figure
          title={own.savingsTitle}
          value={own.dollars(money(savings.usd))}
          basis={own.savingsBasis(fullCount(total.skipped), money(savings.run_cost_usd), savings.basis)}
        />
      ) : (
        <Figure title={own.savingsTitle} value={own.savingsUnknown} basis={own.savingsUnknownBasis} />
      )}
      <Figure
        title={own.unansweredTitle}
        value={fullCount(total.fail_opens)}
        basis={unanswered(total)}
        warning={total.fail_opens > 0}
      />
      {propagation.p50_ms === null || propagation.p99_ms === null ? (
        <Figure title={own.propagationTitle} value={own.propagationNone} basis={own.propagationNoneBasis} />
      ) : (
        <Figure
          title={own.propagationTitle}
          value={own.propagation(duration(propagation.p50_ms))}
          basis={own.propagationBasis(duration(propagation.p99_ms), propagation.sightings)}
        />
      )}
    </dl>
  );
}

interface FigureProps {
  title: string;
  value: string;
  basis: string;
  warning?: boolean;
}

function Figure({ title, value, basis, warning = false }: FigureProps) {
  return (
    <div class={`card figure ${warning ? "figure-warning" : ""}`}>
      <dt>{title}</dt>
      <dd class="value">{value}</dd>
      <dd class="hint">{basis}</dd>
    </div>
  );
}

function unanswered(total: Metrics["total"]): string {
  if (total.fail_opens === 0) return own.unansweredNone;
  const told = Object.entries(own.failOpenReasons).flatMap(([reason, words]) => {
    const count = total.reasons[reason] ?? 0;
    return count > 0 ? [words(fullCount(count))] : [];
  });
  return own.unansweredBasis(shareOf(total.fail_opens, decisionsOf(total)), told);
}
