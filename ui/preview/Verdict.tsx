import type { Decision, TracingState } from "../api.ts";
import { StatusDot } from "../components/StatusDot.tsx";
import * as own from "../strings/preview.ts";
import * as strings from "../strings.ts";
import { clockTime } from "../time.ts";
import type { Answer } from "./preview.ts";

/** What is known of a question. */
export interface Told {
  answer: Answer;
  decision: Decision;
  tracing: TracingState;
}

export function Verdict({ told: { answer, decision, tracing } }: { told: Told }) {
  const { trace, reason, by, isBehind } = answer;
  const tone = trace === null ? "note" : trace ? "on" : "off";
  return (
    <div class={`card verdict verdict-${tone}`}>
      <p class="status-headline">
        <StatusDot tone={tone} />
        <strong>{own.verdict(trace)}</strong>
      </p>
      <p>{trace === null ? own.byChance(strings.percent(tracing.policy?.sample_rate ?? 1)) : own.why(reason)}</p>
      {trace !== false && tracing.policy?.capture === "metadata" && <p>{own.withoutContent}</p>}
      {isBehind && <p class="notice">{own.notYet(decision.trace)}</p>}
      {decision.overrode.length > 0 && (
        <div>
          <h3>{own.overrode}</h3>
          <ul class="overrode">
            {decision.overrode.map((code) => (
              <li key={code}>{own.rule(code)}</li>
            ))}
          </ul>
        </div>
      )}
      <p>{nextOf(decision)}</p>
      <p class="hint">{by === "sdk" ? own.bySdk : own.byRules}</p>
    </div>
  );
}

function nextOf({ next_change: next }: Told["decision"]): string {
  if (next === null) return own.noNext;
  return own.next(clockTime(Date.parse(next.at), Date.now()), next.trace, next.reason);
}
