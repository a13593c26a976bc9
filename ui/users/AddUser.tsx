import { useRef, useState } from "preact/hooks";
import type { ProjectApi } from "../api.ts";
import { Choice } from "../components/Choice.tsx";
import { Field, REASON_MAX_LENGTH } from "../components/Field.tsx";
import { tellFailure } from "../failure.ts";
import { fieldError } from "../field-error.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/users.ts";
import * as strings from "../strings.ts";
import { endOf, HOURS, type Kind } from "./expiry.ts";

interface Props {
  api: ProjectApi;
  reasonNeeded: boolean;
  onAdded: () => Promise<void>;
}

export function AddUser({ api, reasonNeeded, onAdded }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [sending, setSending] = useState(false);
  const [user, setUser] = useState("");
  const [kind, setKind] = useState<Kind>("always");
  const [hours, setHours] = useState(HOURS.always[0]);
  const [reason, setReason] = useState("");
  const [told, setTold] = useState<{ error: ApiError } | { wrongUser: string } | { added: string } | null>(null);

  const choose = (next: Kind) => {
    setKind(next);
    setHours(HOURS[next][0]);
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const id = user.trim();
    const wrong = id === "" ? own.userMissing : /^\.\.?$/.test(id) ? own.userUnreachable : null;
    form.current?.querySelector("input")?.focus();
    if (wrong) return setTold({ wrongUser: wrong });
    if (sending) return;
    setSending(true);
    setTold(null);
    const answer = await api.setUser(id, kind === "always", endOf(hours, Date.now()), reason);
    setSending(false);
    if (answer instanceof ApiError) return setTold({ error: answer });
    setTold({ added: id });
    // What is typed meanwhile is the next one's.
    setUser((typed) => (typed === user ? "" : typed));
    setReason((typed) => (typed === reason ? "" : typed));
    await onAdded();
  };

  const error = told && "error" in told ? told.error : null;
  return (
    <form ref={form} class="card add-user" onSubmit={submit} noValidate aria-label={own.addTitle}>
      <h3>{own.addTitle}</h3>
      <Field
        id="user"
        label={own.user}
        hint={own.userHint}
        error={told && "wrongUser" in told ? told.wrongUser : fieldError(error, "user")}
        value={user}
        onInput={(event) => setUser(event.currentTarget.value)}
      />
      <Choice id="kind" legend={own.kind} options={own.kinds} value={kind} onChoose={choose} />
      <div class="field narrow">
        <label for="ends">{own.ends}</label>
        <select id="ends" value={hours} onChange={(event) => setHours(event.currentTarget.value)}>
          {HOURS[kind].map((value) => (
            <option key={value} value={value}>
              {own.endsIn[value]}
            </option>
          ))}
        </select>
      </div>
      <Field
        id="user-reason"
        label={strings.reason}
        {...(!reasonNeeded && { note: strings.optional })}
        error={fieldError(error, "reason")}
        maxLength={REASON_MAX_LENGTH}
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <div class="actions">
        <button type="submit" class="primary" aria-busy={sending}>
          {sending ? own.adding : own.add}
        </button>
        <span role="status">{told && "added" in told && own.added(told.added)}</span>
      </div>
      {error && (
        <p class="error" role="alert">
          {tellFailure(own.notAdded, error)}
        </p>
      )}
    </form>
  );
}
