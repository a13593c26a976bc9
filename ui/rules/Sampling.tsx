import { Field } from "../components/Field.tsx";
import * as own from "../strings/rules.ts";
import { peopleOf, percentIn } from "./draft.ts";

interface Props {
  /** As it is typed. */
  percent: string;
  error: string | null;
  onChange: (percent: string) => void;
}

export function Sampling({ percent, error, onChange }: Props) {
  const value = percentIn(percent);
  const isPercent = !Number.isNaN(value);
  const { count, of } = peopleOf(isPercent ? value : 0);
  const people = isPercent ? own.people(count, of) : "";
  return (
    <fieldset class="sampling">
      <legend>{own.sampling}</legend>
      <input
        type="range"
        aria-label={own.samplingSlider}
        aria-valuetext={people}
        min="0"
        max="100"
        value={isPercent ? Math.round(value) : 0}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <Field
        id="percent"
        label={own.samplingNumber}
        error={isPercent ? error : own.noShare}
        inputMode="decimal"
        value={percent}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <p class="people">
        <output>{people}</output>
      </p>
      <p class="hint">{own.samplingHint}</p>
    </fieldset>
  );
}
