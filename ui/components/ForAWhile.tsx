import * as strings from "../strings.ts";
import { clockTime } from "../time.ts";
import { nextMorning } from "../while.ts";

interface Props {
  /** What is offered: on or off. */
  on: boolean;
  disabled: boolean;
  /** For so many seconds, or until it is switched again. */
  onChoose: (seconds?: number) => void;
}

/** The switch with an end, so that nobody has to remember it. */
export function ForAWhile({ on, disabled, onChoose }: Props) {
  const morning = nextMorning(Date.now());
  const choices: [string, () => number | undefined][] = [
    [strings.minutes15, () => 900],
    [strings.hour1, () => 3_600],
    [strings.untilTime(clockTime(morning, Date.now())), () => Math.ceil((morning - Date.now()) / 1_000)],
    [strings.untilSwitched(on), () => undefined],
  ];
  return (
    <fieldset class="while" disabled={disabled}>
      <legend>{strings.turnFor(on)}</legend>
      {choices.map(([label, seconds]) => (
        <button key={label} type="button" onClick={() => onChoose(seconds())}>
          {label}
        </button>
      ))}
    </fieldset>
  );
}
