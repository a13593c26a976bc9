import { useState } from "preact/hooks";
import { isSaving, isSwitchOn, type ProjectState, type ProjectView } from "../project-state.ts";
import * as strings from "../strings.ts";
import { About } from "./About.tsx";
import { Field } from "./Field.tsx";
import { Switch } from "./Switch.tsx";
import { TracingStatus } from "./TracingStatus.tsx";

const REASON_MAX_LENGTH = 500;

interface Props {
  view: ProjectView;
  setTracing: ProjectState["setTracing"];
  writable: boolean;
}

export function TracingSettings({ view, setTracing, writable }: Props) {
  const [reason, setReason] = useState("");

  const change = async (wanted: boolean) => {
    if (await setTracing(wanted, reason)) setReason("");
  };

  return (
    <section class="settings" aria-labelledby="settings-title">
      <h2 id="settings-title">{strings.observability}</h2>
      <div class="card">
        <Switch
          label={strings.enableTracing}
          on={isSwitchOn(view)}
          busy={isSaving(view)}
          disabled={!writable}
          describedBy={writable ? "status" : "status read-only"}
          onToggle={() => change(!isSwitchOn(view))}
        />
        <TracingStatus view={view} onLift={writable ? () => change(true) : null} />
        {writable ? (
          <Field
            id="reason"
            label={strings.reason}
            note={strings.optional}
            hint={strings.reasonHint}
            maxLength={REASON_MAX_LENGTH}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        ) : (
          <p id="read-only" class="hint">
            {strings.readOnly}
          </p>
        )}
      </div>
      <About />
    </section>
  );
}
