import { useEffect, useState } from "preact/hooks";
import type { Project, ProjectApi } from "../api.ts";
import { Field } from "../components/Field.tsx";
import { Heading } from "../components/Heading.tsx";
import { fieldError } from "../field-error.ts";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import { useValue } from "../signal.ts";
import { search, setSearch } from "../state.ts";
import * as own from "../strings/preview.ts";
import { type Asked, askedIn, instantOf, NOTHING, searchOf } from "./asked.ts";
import { answer } from "./preview.ts";
import { type Told, Verdict } from "./Verdict.tsx";

const ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

async function ask(id: string, api: ProjectApi, asked: Asked): Promise<Told | ApiError> {
  const { user, session } = asked;
  const at = instantOf(asked);
  const parameters = { user, session, at: at === null ? "" : new Date(at).toISOString() };
  const [tracing, decision] = await Promise.all([api.readTracing(), api.readDecision(parameters)]);
  if (decision instanceof ApiError) return decision;
  if (tracing instanceof ApiError) return tracing;
  return { answer: answer(id, { user, session, at }, tracing, decision), decision, tracing };
}

/** What is typed, and the answer to what the address asks, so that the back button leads to the answer before. */
function useQuestion(id: string, api: ProjectApi) {
  const address = useValue(search);
  const [typed, setTyped] = useState(() => askedIn(address) ?? NOTHING);
  const [asking, setAsking] = useState(false);
  const [times, setTimes] = useState(0);
  const [last, setLast] = useState<{ address: string; told: Told | ApiError } | null>(null);

  useEffect(() => {
    const asked = askedIn(address);
    setTyped(asked ?? NOTHING);
    setAsking(asked !== null);
    // A new attempt has not failed yet; an answer stays until the next one, which mostly is the same.
    setLast((before) => (before?.told instanceof ApiError ? null : before));
    if (asked === null) return;
    let isWanted = true;
    void ask(id, api, asked).then((told) => {
      if (!isWanted) return;
      setLast({ address, told });
      setAsking(false);
    });
    return () => {
      isWanted = false;
    };
  }, [id, api, address, times]);

  const submit = () => {
    const wanted = searchOf(typed);
    if (wanted === address) setTimes(times + 1);
    else setSearch(wanted, true);
  };
  return { typed, setTyped, asking, told: last?.address === address ? last.told : null, submit };
}

export function PreviewPage({ project, api }: { project: Project; api: ProjectApi }) {
  const { typed, setTyped, asking, told, submit } = useQuestion(project.id, api);
  const field = (name: "user" | "session") => ({
    value: typed[name],
    onInput: (event: InputEvent & { currentTarget: HTMLInputElement }) =>
      setTyped({ ...typed, [name]: event.currentTarget.value }),
  });
  const error = told instanceof ApiError ? told : null;

  return (
    <section class="preview" aria-labelledby="preview-title">
      <Heading level={2} id="preview-title">
        {own.title}
      </Heading>
      <p class="lead">{own.intro}</p>
      <div class="preview-columns">
        <form
          class="card"
          noValidate
          aria-label={own.title}
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Field id="preview-user" label={own.user} error={fieldError(error, "user")} {...field("user")} />
          <Field id="preview-session" label={own.session} error={fieldError(error, "session")} {...field("session")} />
          <div class="field">
            <label for="preview-at">{own.time(ZONE)}</label>
            <input
              id="preview-at"
              type="datetime-local"
              value={typed.at}
              aria-describedby="preview-at-hint"
              onInput={(event) => setTyped({ ...typed, at: event.currentTarget.value })}
            />
            <p id="preview-at-hint" class="hint">
              {own.timeHint}
            </p>
            {fieldError(error, "at") && <p class="error">{fieldError(error, "at")}</p>}
          </div>
          <button type="submit" class="primary" aria-busy={asking}>
            {asking ? own.asking : own.ask}
          </button>
          {error && (
            <p class="error" role="alert">
              {own.notAnswered} {error.fieldErrors.length === 0 && explain(error)}
            </p>
          )}
        </form>
        <div role="status">{told && !error && <Verdict told={told as Told} />}</div>
      </div>
    </section>
  );
}
