interface Props<T extends string> {
  id: string;
  legend: string;
  hint?: string;
  options: Record<T, { label: string; hint?: string }>;
  value: T;
  onChoose: (value: T) => void;
}

/** One of a few, all of them in sight. */
export function Choice<T extends string>({ id, legend, hint, options, value, onChoose }: Props<T>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {hint && <p class="hint">{hint}</p>}
      {(Object.keys(options) as T[]).map((name) => (
        <label key={name}>
          <input type="radio" name={id} checked={name === value} onChange={() => onChoose(name)} />
          <span>
            {options[name].label}
            {options[name].hint && <span class="hint"> {options[name].hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
