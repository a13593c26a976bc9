import type { RulesRead } from "../api.ts";
import { Choice } from "../components/Choice.tsx";
import { Field } from "../components/Field.tsx";
import { fieldError } from "../field-error.ts";
import * as own from "../strings/rules.ts";
import { clockTime } from "../time.ts";
import { Budget } from "./Budget.tsx";
import { type Draft, draftOf } from "./draft.ts";
import { QuietHours } from "./QuietHours.tsx";
import type { RulesView } from "./rules-state.ts";
import { Sampling } from "./Sampling.tsx";

interface Props {
  view: RulesView;
  rules: RulesRead;
  edit: (change: Partial<Draft>) => void;
  closed: boolean;
}

/** Of the zones that this browser knows. */
const ZONES = Intl.supportedValuesOf("timeZone");

export function RulesForm({ view, rules, edit, closed }: Props) {
  const draft: Draft = { ...draftOf(rules), ...view.edits };
  const errorAt = (path: string) => fieldError(view.saveError, path);
  return (
    <fieldset class="card rules-form" disabled={closed} aria-label={own.title}>
      <Sampling
        percent={draft.sample_rate}
        error={errorAt("sample_rate")}
        onChange={(sample_rate) => edit({ sample_rate })}
      />
      <Choice
        id="capture"
        legend={own.capture}
        options={own.captures}
        value={draft.capture}
        onChoose={(capture) => edit({ capture })}
      />
      <Choice
        id="unavailable"
        legend={own.unavailable}
        hint={own.unavailableHint}
        options={own.unavailables}
        value={draft.when_unavailable}
        onChoose={(when_unavailable) => edit({ when_unavailable })}
      />
      <Budget
        draft={draft.daily_budget_usd}
        rules={rules}
        error={errorAt("daily_budget_usd")}
        onChange={(daily_budget_usd) => edit({ daily_budget_usd })}
      />
      <fieldset class="narrow">
        <legend>{own.runCost}</legend>
        <Field
          id="run-cost"
          label={own.runCostDollars}
          hint={own.runCostHint}
          error={errorAt("run_cost_usd")}
          inputMode="decimal"
          value={draft.run_cost_usd}
          onInput={(event) => edit({ run_cost_usd: event.currentTarget.value })}
        />
      </fieldset>
      <div class="narrow">
        <Field
          id="zone"
          label={own.zone}
          hint={own.zoneHint}
          error={errorAt("time_zone")}
          list="zones"
          value={draft.time_zone}
          onInput={(event) => edit({ time_zone: event.currentTarget.value })}
        />
        <datalist id="zones">
          {ZONES.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </div>
      <QuietHours
        closed={closed}
        windows={draft.schedule}
        errorAt={errorAt}
        onChange={(schedule) => edit({ schedule })}
      />
      <NextChange view={view} zone={rules.time_zone} />
      <Choice
        id="production"
        legend={own.production}
        hint={own.productionHint}
        options={own.productions}
        value={draft.production ? "yes" : "no"}
        onChoose={(value) => edit({ production: value === "yes" })}
      />
    </fieldset>
  );
}

function NextChange({ view: { next }, zone }: { view: RulesView; zone: string }) {
  const tell = () => {
    if (next === undefined) return "…";
    if (next === null) return own.noNextChange;
    return own.nextChange(clockTime(Date.parse(next.at), Date.now(), zone), zone, next.trace !== false, next.reason);
  };
  return <p class="next-change">{tell()}</p>;
}
