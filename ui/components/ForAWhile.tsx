import * as strings from "../strings.ts";
import { clockTime } from "../time.ts";
import { nextMorning } from "../while.ts";
import { PassingButton } from "./PassingButton.tsx";

const MINUTE_MS = 60_000;

interface Props {
  /** What is offered: on or off. */
  on: boolean;
  /** A change is on its way: no other is taken, but the keyboard keeps its place. */
  busy: boolean;
  /** Where the focus goes from what is no longer offered. */
  refuge: string;
  /** Until then (epoch ms), or until it is switched again. */
  onChoose: (until?: number) => void;
}

/** The switch with an end, so that nobody has to remember it. */
export function ForAWhile({ on, busy, refuge, onChoose }: Props) {
  const morning = nextMorning(Date.now());
  const choices: [string, () => number | undefined][] = [
    [strings.minutes15, () => Date.now() + 15 * MINUTE_MS],
    [strings.hour1, () => Date.now() + 60 * MINUTE_MS],
    [strings.untilTime(clockTime(morning, Date.now())), () => morning],
    [strings.untilSwitched(on), () => undefined],
  ];
  return (
    <fieldset class="while">
      <legend>{strings.turnFor(on)}</legend>
      {choices.map(([label, until]) => (
        <PassingButton key={label} refuge={refuge} aria-disabled={busy} onClick={() => !busy && onChoose(until())}>
          {label}
        </PassingButton>
      ))}
    </fieldset>
  );
}
