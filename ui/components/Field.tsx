/** Of every reason that is given for a change. */
export const REASON_MAX_LENGTH = 500;

export interface FieldProps {
  id: string;
  label: string;
  secret?: boolean;
  note?: string;
  hint?: string;
  error?: string | null;
  maxLength?: number;
  inputMode?: "decimal";
  /** The id of a datalist. */
  list?: string;
  value?: string;
  onInput?: (event: InputEvent & { currentTarget: HTMLInputElement }) => void;
}

const TEXT = { type: "text" } as const;
const PASSWORD = { type: "password" } as const;

export function Field({ id, label, secret, note, hint, error, ...input }: FieldProps) {
  return (
    <div class="field">
      <label for={id}>
        {label}
        {note && <span class="note"> ({note})</span>}
      </label>
      <input
        {...input}
        id={id}
        name={id}
        {...(secret ? PASSWORD : TEXT)}
        aria-describedby={`${id}-hint ${id}-error`}
        aria-invalid={!!error}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
