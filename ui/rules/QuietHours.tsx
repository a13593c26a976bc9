import { useRef } from "preact/hooks";
import type { QuietWindow, Weekday } from "../api.ts";
import { Field } from "../components/Field.tsx";
import * as own from "../strings/rules.ts";
import { WeekGrid } from "./WeekGrid.tsx";
import { WEEKDAYS } from "./week.ts";

const MOST_WINDOWS = 21;
const NEW: QuietWindow = { days: [...WEEKDAYS], from: "22:00", to: "06:00" };

interface Props {
  windows: readonly QuietWindow[];
  closed: boolean;
  errorAt: (path: string) => string | null;
  onChange: (windows: QuietWindow[]) => void;
}

export function QuietHours({ windows, closed, errorAt, onChange }: Props) {
  const add = useRef<HTMLButtonElement>(null);
  const change = (index: number, part: Partial<QuietWindow>) =>
    onChange(windows.map((window, i) => (i === index ? { ...window, ...part } : window)));
  const remove = (index: number) => {
    onChange(windows.filter((_, i) => i !== index));
    add.current?.focus();
  };
  const isFull = windows.length >= MOST_WINDOWS;
  const append = (window: QuietWindow) => {
    if (!isFull) onChange([...windows, window]);
  };
  return (
    <fieldset class="schedule">
      <legend>{own.schedule}</legend>
      <p class="hint">{own.scheduleHint}</p>
      {windows.length === 0 && <p>{own.noSchedule}</p>}
      {windows.map((window, index) => (
        <Row
          key={index}
          number={index + 1}
          window={window}
          errorAt={(part) => errorAt(`schedule.${index}.${part}`)}
          onChange={(part) => change(index, part)}
          onRemove={() => remove(index)}
        />
      ))}
      {errorAt("schedule") && (
        <p class="error" role="alert">
          {errorAt("schedule")}
        </p>
      )}
      <button ref={add} type="button" aria-disabled={isFull} onClick={() => append(NEW)}>
        {own.add}
      </button>
      {isFull && <p class="hint">{own.tooMany}</p>}
      <WeekGrid windows={windows} onPaint={closed ? null : append} />
      {!closed && <p class="hint">{own.paintHint}</p>}
    </fieldset>
  );
}

interface RowProps {
  number: number;
  window: QuietWindow;
  errorAt: (part: keyof QuietWindow) => string | null;
  onChange: (part: Partial<QuietWindow>) => void;
  onRemove: () => void;
}

function Row({ number, window: { days, from, to }, errorAt, onChange, onRemove }: RowProps) {
  const toggle = (day: Weekday) =>
    onChange({ days: WEEKDAYS.filter((name) => (name === day ? !days.includes(day) : days.includes(name))) });
  return (
    <fieldset class="window">
      <legend class="visually-hidden">{own.quietWindow(number)}</legend>
      <div class="days">
        {WEEKDAYS.map((day) => (
          <label key={day}>
            <input
              type="checkbox"
              aria-label={own.days[day].long}
              checked={days.includes(day)}
              onChange={() => toggle(day)}
            />
            <span aria-hidden="true">{own.days[day].short}</span>
          </label>
        ))}
      </div>
      <Field
        id={`from-${number}`}
        label={own.from}
        error={errorAt("from")}
        value={from}
        onInput={(event) => onChange({ from: event.currentTarget.value })}
      />
      <Field
        id={`to-${number}`}
        label={own.to}
        error={errorAt("to")}
        value={to}
        onInput={(event) => onChange({ to: event.currentTarget.value })}
      />
      <button type="button" class="quiet" aria-label={own.removeWindow(number)} onClick={onRemove}>
        {own.remove}
      </button>
      {errorAt("days") && (
        <p class="error" role="alert">
          {errorAt("days")}
        </p>
      )}
    </fieldset>
  );
}
