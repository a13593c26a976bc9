import { useEffect, useRef, useState } from "preact/hooks";
import { Field } from "../components/Field.tsx";
import * as own from "../strings/history.ts";
import { type Filter, instantOf, NO_FILTER, typedOf } from "./filter.ts";

const TYPING_MS = 250;

interface Props {
  filter: Filter;
  /** Those who changed something, to choose from. */
  actors: readonly string[];
  onFilter: (filter: Filter) => void;
}

export function Filters({ filter, actors, onFilter }: Props) {
  // As it is typed: a list that arrives meanwhile must not take it back.
  const [typed, setTyped] = useState({ ...filter, since: typedOf(filter.since), until: typedOf(filter.until) });
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(typing.current), []);

  const change = (part: Partial<Filter>) => {
    const next = { ...typed, ...part };
    setTyped(next);
    clearTimeout(typing.current);
    const { actor, action, since, until } = next;
    typing.current = setTimeout(
      () => onFilter({ action, actor: actor.trim(), since: instantOf(since), until: instantOf(until) }),
      TYPING_MS,
    );
  };

  const kinds = typed.action in own.kinds ? own.kinds : { ...own.kinds, [typed.action]: own.action(typed.action) };
  return (
    <form class="filters" aria-label={own.filter} onSubmit={(event) => event.preventDefault()}>
      <Field
        id="actor"
        label={own.actor}
        list="actors"
        maxLength={100}
        value={typed.actor}
        onInput={(event) => change({ actor: event.currentTarget.value })}
      />
      <datalist id="actors">
        {actors.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div class="field">
        <label for="action">{own.actionLabel}</label>
        <select id="action" value={typed.action} onChange={(event) => change({ action: event.currentTarget.value })}>
          {Object.entries(kinds).map(([action, label]) => (
            <option key={action} value={action}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <Time id="since" label={own.since} value={typed.since} onInput={(since) => change({ since })} />
      <Time id="until" label={own.until} value={typed.until} onInput={(until) => change({ until })} />
      <button type="button" class="quiet" onClick={() => change(NO_FILTER)}>
        {own.clear}
      </button>
    </form>
  );
}

interface TimeProps {
  id: string;
  label: string;
  value: string;
  onInput: (value: string) => void;
}

function Time({ id, label, value, onInput }: TimeProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input type="datetime-local" id={id} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </div>
  );
}
