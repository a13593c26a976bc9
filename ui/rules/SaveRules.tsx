import { useState } from "preact/hooks";
import type { RulesRead } from "../api.ts";
import { Differences } from "../components/Differences.tsx";
import { Field, REASON_MAX_LENGTH } from "../components/Field.tsx";
import { tellFailure } from "../failure.ts";
import { fieldError } from "../field-error.ts";
import { usePassing } from "../focus.ts";
import * as own from "../strings/rules.ts";
import * as strings from "../strings.ts";
import { type Draft, draftOf, FIELDS, percentIn } from "./draft.ts";
import type { RulesState, RulesView, Theirs } from "./rules-state.ts";

interface Props {
  view: RulesView;
  rules: RulesRead;
  state: RulesState;
  /** Where the focus goes when it goes away. */
  refuge: string;
}

const CHANGES_ID = "changes-title";

/** What will change, what somebody else has changed, and one button for all of it. */
export function SaveRules({ view, rules, state, refuge }: Props) {
  const { passing: form } = usePassing<HTMLFormElement>(refuge);
  const [reason, setReason] = useState("");
  const { edits, saved, theirs } = view;
  const base = draftOf(rules);
  const draft: Draft = { ...base, ...edits };
  const edited = FIELDS.filter((name) => name in edits);

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    if (Number.isNaN(percentIn(draft.sample_rate))) return document.getElementById("percent")?.focus();
    // What is typed while it is being saved is for the next time.
    if (await state.save(reason)) setReason((typed) => (typed === reason ? "" : typed));
  };

  return (
    <form ref={form} class="card save" onSubmit={save} noValidate aria-label={own.changes}>
      <div role="status" class="save-status">
        {theirs && <Merged theirs={theirs} edits={edits} />}
        {saved && (
          <p>
            <strong>{own.saved}</strong> {own.reach(saved.propagation)}
          </p>
        )}
      </div>
      <h3 id={CHANGES_ID} tabIndex={-1}>
        {own.changes}
      </h3>
      {edited.length === 0 && <p class="hint">{own.noChanges}</p>}
      <Differences of={inWords({ fields: edited, before: base, after: draft })} />
      {edited.length > 0 && (
        <Saving
          view={view}
          reasonNeeded={rules.production}
          reason={reason}
          onReason={setReason}
          onDiscard={state.discard}
        />
      )}
    </form>
  );
}

interface SavingProps {
  view: RulesView;
  reasonNeeded: boolean;
  reason: string;
  onReason: (reason: string) => void;
  onDiscard: () => void;
}

/** There as long as there is something to save. */
function Saving({ view: { saving, saveError }, reasonNeeded, reason, onReason, onDiscard }: SavingProps) {
  const { passing } = usePassing<HTMLDivElement>(CHANGES_ID);
  return (
    <div ref={passing} class="saving">
      <Field
        id="save-reason"
        label={strings.reason}
        {...(!reasonNeeded && { note: strings.optional })}
        error={fieldError(saveError, "reason")}
        maxLength={REASON_MAX_LENGTH}
        value={reason}
        onInput={(event) => onReason(event.currentTarget.value)}
      />
      {saveError && (
        <p class="error" role="alert">
          {tellFailure(saveError.fieldErrors.length > 0 ? own.fieldsWrong : own.notSaved, saveError)}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="primary" aria-busy={saving}>
          {saving ? own.savingNow : own.save}
        </button>
        <button type="button" disabled={saving} onClick={onDiscard}>
          {own.discard}
        </button>
      </div>
    </div>
  );
}

const inWords = ({ fields, before, after }: Pick<Theirs, "fields" | "before" | "after">) =>
  fields.map((name) => ({ field: own.field[name], before: own.value(before, name), after: own.value(after, name) }));

function Merged({ theirs, edits }: { theirs: Theirs; edits: Partial<Draft> }) {
  if (Object.keys(edits).length === 0) return <p class="notice">{own.nothingLeft}</p>;
  const contested = theirs.fields.filter((name) => name in edits).map((name) => own.field[name]);
  return (
    <div class="notice">
      <p>{own.changedMeanwhile}</p>
      <Differences of={inWords(theirs)} />
      <p>{own.merged}</p>
      {contested.length > 0 && <p>{own.contested(contested.join(", "))}</p>}
    </div>
  );
}
