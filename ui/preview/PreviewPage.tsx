import { useEffect, useState } from "preact/hooks";
import type { Decision, Project, ProjectApi, TracingState } from "../api.ts";
import { Field } from "../components/Field.tsx";
import { Heading } from "../components/Heading.tsx";
import { fieldError } from "../field-error.ts";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/preview.ts";
import { type Answer, answer } from "./preview.ts";
import { Verdict } from "./Verdict.tsx";

/** As they are typed, and stand in the address. */
interface Asked {
  user: string;
  session: string;
  at: string;
}

export interface Answered {
  answer: Answer;
  decision: Decision;
  tracing: TracingState;
}

const ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

function askedInAddress(): Asked {
  const parameters = new URLSearchParams(location.search);
  const read = (name: keyof Asked) => parameters.get(name) ?? "";
  return { user: read("user"), session: read("session"), at: read("at") };
}

function keepInAddress(asked: Asked): void {
  const given = Object.entries(asked).filter(([, value]) => value !== "");
  const query = new URLSearchParams(given).toString();
  history.replaceState(null, "", location.pathname + (query && `?${query}`));
}

async function ask({ id }: Project, api: ProjectApi, { user, session, at }: Asked): Promise<Answered | ApiError> {
  const instant = at === "" || Number.isNaN(Date.parse(at)) ? null : Date.parse(at);
  const parameters = { user, session, at: instant === null ? "" : new Date(instant).toISOString() };
  const [tracing, decision] = await Promise.all([api.readTracing(), api.readDecision(parameters)]);
  if (decision instanceof ApiError) return decision;
  if (tracing instanceof ApiError) return tracing;
  return { answer: answer(id, { user, session, at: instant }, tracing, decision), decision, tracing };
}

export function PreviewPage({ project, api }: { project: Project; api: ProjectApi }) {
  const [asked, setAsked] = useState(askedInAddress);
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState<Answered | ApiError | null>(null);

  const submit = async () => {
    setAsking(true);
    keepInAddress(asked);
    setTold(await ask(project, api, asked));
    setAsking(false);
  };
  useEffect(() => {
    if (location.search !== "") void submit();
  }, []);

  const field = (name: "user" | "session") => ({
    value: asked[name],
    onInput: (event: InputEvent & { currentTarget: HTMLInputElement }) =>
      setAsked({ ...asked, [name]: event.currentTarget.value }),
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
            void submit();
          }}
        >
          <Field id="preview-user" label={own.user} error={fieldError(error, "user")} {...field("user")} />
          <Field id="preview-session" label={own.session} error={fieldError(error, "session")} {...field("session")} />
          <div class="field">
            <label for="preview-at">{own.time(ZONE)}</label>
            <input
              id="preview-at"
              type="datetime-local"
              value={asked.at}
              aria-describedby="preview-at-hint"
              onInput={(event) => setAsked({ ...asked, at: event.currentTarget.value })}
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
        <div role="status">{told && !error && <Verdict told={told as Answered} />}</div>
      </div>
    </section>
  );
}
