import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Session } from "../api.ts";
import { Choice } from "../components/Choice.tsx";
import { Field, REASON_MAX_LENGTH } from "../components/Field.tsx";
import { fieldError } from "../field-error.ts";
import { isUncertain, makeOnce } from "../once.ts";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/keys.ts";
import * as strings from "../strings.ts";
import { createKey, type MadeKey } from "./keys-api.ts";
import { bodyOf, EMPTY, type Form, read, type Wrong } from "./new-key.ts";
import { ProjectField } from "./ProjectField.tsx";
import { Scopes } from "./Scopes.tsx";

interface Props {
  session: Session;
  onMade: (key: MadeKey) => void;
}

export function CreateKey({ session, onMade }: Props) {
  const element = useRef<HTMLFormElement>(null);
  const make = useMemo(() => makeOnce(bodyOf, createKey), []);
  const [form, setForm] = useState(EMPTY);
  const [making, setMaking] = useState(false);
  const [wrong, setWrong] = useState<Wrong>({});
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [wrong, error]);

  const send = async (): Promise<MadeKey | Wrong | ApiError> => {
    const filled = await read(form, session);
    if (filled instanceof ApiError) return filled;
    return "wrong" in filled ? filled.wrong : make(filled.asked);
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (making) return;
    setMaking(true);
    setError(null);
    const answer = await send();
    setMaking(false);
    setError(answer instanceof ApiError ? answer : null);
    const isMade = "key" in answer;
    setWrong(isMade || answer instanceof ApiError ? {} : answer);
    if (!isMade) return;
    // What is filled in meanwhile is the next one's.
    setForm((filled) => (filled === form ? EMPTY : filled));
    onMade(answer);
  };

  return (
    <form ref={element} class="card make-key" onSubmit={submit} noValidate aria-label={own.makeTitle}>
      <h2>{own.makeTitle}</h2>
      <Fields
        form={form}
        isBound={session.project_id !== null}
        errorAt={(name) => wrong[name as keyof Wrong] ?? fieldError(error, name)}
        onChange={(part) => setForm((filled) => ({ ...filled, ...part }))}
      />
      {error && (
        <p class="error" role="alert">
          {tell(error)}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="primary" aria-busy={making}>
          {making ? own.making : own.make}
        </button>
      </div>
    </form>
  );
}

function tell(error: ApiError): string {
  if (isUncertain(error)) return `${explain(error)} ${own.maybeMade}`;
  return `${own.notMade} ${error.fieldErrors.length > 0 ? "" : explain(error)}`;
}

interface FieldsProps {
  form: Form;
  /** The key that makes it is for one project. */
  isBound: boolean;
  errorAt: (name: string) => string | null;
  onChange: (part: Partial<Form>) => void;
}

function Fields({ form, isBound, errorAt, onChange }: FieldsProps) {
  return (
    <>
      <Field
        id="key-name"
        label={own.name}
        hint={own.nameHint}
        error={errorAt("name")}
        maxLength={100}
        value={form.name}
        onInput={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Scopes chosen={form.scopes} error={errorAt("scopes")} onChoose={(scopes) => onChange({ scopes })} />
      {isBound ? (
        <p class="hint">{own.onlyOwn}</p>
      ) : (
        <Choice
          id="reach"
          legend={own.reach}
          options={own.reaches}
          value={form.reach}
          onChoose={(reach) => onChange({ reach })}
        />
      )}
      {form.reach === "one" && (
        <ProjectField value={form.project} error={errorAt("project_id")} onInput={(project) => onChange({ project })} />
      )}
      <Ends value={form.days} error={errorAt("expires_at")} onChoose={(days) => onChange({ days })} />
      <Field
        id="key-reason"
        label={strings.reason}
        note={strings.optional}
        error={errorAt("reason")}
        maxLength={REASON_MAX_LENGTH}
        value={form.reason}
        onInput={(event) => onChange({ reason: event.currentTarget.value })}
      />
    </>
  );
}

interface EndsProps {
  value: string;
  error: string | null;
  onChoose: (days: string) => void;
}

function Ends({ value, error, onChoose }: EndsProps) {
  return (
    <div class="field narrow">
      <label for="key-ends">{own.ends}</label>
      <select
        id="key-ends"
        value={value}
        aria-invalid={error !== null}
        aria-describedby="key-ends-hint key-ends-error"
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {Object.entries(own.endsIn).map(([days, label]) => (
          <option key={days} value={days}>
            {label}
          </option>
        ))}
      </select>
      <p id="key-ends-hint" class="hint">
        {own.endsHint}
      </p>
      {error && (
        <p id="key-ends-error" class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
