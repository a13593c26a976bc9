import type { RulesRead } from "../api.ts";
import { Field } from "../components/Field.tsx";
import * as own from "../strings/rules.ts";

interface Props {
  /** In dollars, as it is typed. */
  draft: string;
  rules: RulesRead;
  error: string | null;
  onChange: (dollars: string) => void;
}

export function Budget({ draft, rules, error, onChange }: Props) {
  return (
    <fieldset class="budget">
      <legend>{own.budget}</legend>
      <div class="narrow">
        <Field
          id="budget"
          label={own.budgetDollars}
          hint={own.budgetHint}
          error={error}
          inputMode="decimal"
          value={draft}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      </div>
      <Spent spent={rules.spent_today_usd} budget={rules.daily_budget_usd} />
    </fieldset>
  );
}

function Spent({ spent, budget }: { spent: string; budget: string | null }) {
  const share = budget === null ? 0 : Math.min(1, Number(spent) / Number(budget));
  return (
    <div class="spent">
      <p>{own.spent(spent, budget)}</p>
      {budget !== null && (
        <div class="bar" aria-hidden="true">
          <div class={share < 1 ? "" : "full"} style={{ width: `${share * 100}%` }} />
        </div>
      )}
    </div>
  );
}
