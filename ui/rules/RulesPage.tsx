import { useEffect, useMemo } from "preact/hooks";
import type { Project, ProjectApi } from "../api.ts";
import { Heading } from "../components/Heading.tsx";
import { PassingButton } from "../components/PassingButton.tsx";
import { useFocusWhenClosed } from "../focus.ts";
import { explain } from "../problem.ts";
import { useValue } from "../signal.ts";
import * as own from "../strings/rules.ts";
import * as strings from "../strings.ts";
import { RulesForm } from "./RulesForm.tsx";
import { rulesStateOf } from "./rules-state.ts";
import { SaveRules } from "./SaveRules.tsx";

const TITLE_ID = "rules-title";

interface Props {
  project: Project;
  api: ProjectApi;
  /** Of the key that is signed in. */
  keyId: string;
  /** Why nothing can be changed here; null when it can. */
  closed: string | null;
}

export function RulesPage({ project, api, keyId, closed }: Props) {
  const state = useMemo(() => rulesStateOf(api, project.id, keyId), [api, project.id, keyId]);
  const whole = useValue(state.view);
  // Where nothing can be saved only what is in force is shown.
  const view = closed ? { ...whole, edits: {} } : whole;
  const areEditsHidden = closed !== null && Object.keys(whole.edits).length > 0;
  useEffect(state.watch, [state]);
  useFocusWhenClosed(TITLE_ID, closed !== null);
  useEffect(() => {
    const known = state.view.value.rules?.version ?? Number.POSITIVE_INFINITY;
    if (project.version > known) void state.refresh();
  }, [state, project.version]);

  return (
    <section class="rules" aria-labelledby={TITLE_ID}>
      <Heading level={2} id={TITLE_ID}>
        {own.title}
      </Heading>
      <p class="lead">{own.intro}</p>
      {closed && <p class="notice">{closed}</p>}
      {areEditsHidden && <p class="hint">{own.editsKept}</p>}
      {view.readError && (
        <p class="error" role="alert">
          {own.notLoaded}. {explain(view.readError)}{" "}
          <PassingButton refuge={TITLE_ID} onClick={state.refresh}>
            {strings.tryAgain}
          </PassingButton>
        </p>
      )}
      {view.rules === null && view.readError === null && <div class="skeleton skeleton-form" aria-busy="true" />}
      {view.rules && (
        <div class="rules-columns">
          <RulesForm view={view} rules={view.rules} edit={state.edit} closed={closed !== null} />
          {/* The reason that is typed outlives a lock, as the edits do. */}
          <div class="save-column" hidden={closed !== null}>
            <SaveRules view={view} rules={view.rules} state={state} refuge={TITLE_ID} />
          </div>
        </div>
      )}
    </section>
  );
}
