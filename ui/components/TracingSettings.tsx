import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Project, ProjectApi } from "../api.ts";
import { recoverFocus, useFocusWhenClosed } from "../focus.ts";
import {
  awaitsAgents,
  isSaving,
  isSwitchOn,
  liftsStop,
  type ProjectState,
  type ProjectView,
} from "../project-state.ts";
import { useValue } from "../signal.ts";
import { createStatusState } from "../status-state.ts";
import * as strings from "../strings.ts";
import type { Wanted } from "../undo.ts";
import { Field, REASON_MAX_LENGTH } from "./Field.tsx";
import { ForAWhile } from "./ForAWhile.tsx";
import { Heading } from "./Heading.tsx";
import { Lazy } from "./Lazy.tsx";
import { Switch } from "./Switch.tsx";
import { TracingStatus } from "./TracingStatus.tsx";

/** The second press of a double click is no decision. */
const DOUBLE_PRESS_MS = 700;

/** Where a stray Enter does nothing. */
const TITLE_ID = "settings-title";

const agentsView = async () => (await import("./Agents.tsx")).Agents;
const about = async () => (await import("./About.tsx")).About;
const confirmChange = async () => (await import("./Dialogs.tsx")).ConfirmChange;
const lockDialog = async () => (await import("./Dialogs.tsx")).LockDialog;

interface Props {
  view: ProjectView;
  project: Project;
  state: ProjectState;
  api: ProjectApi;
  writable: boolean;
  admin: boolean;
}

export function TracingSettings({ view, project, state, api, writable, admin }: Props) {
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState<Wanted | null>(null);
  const [locking, setLocking] = useState(false);
  const lastPress = useRef({ control: "", at: 0 });
  const { override, lock, production } = project;
  const isOn = isSwitchOn(view);
  const agents = useMemo(
    () => createStatusState(api.readStatus, (status) => awaitsAgents(state.view.value, status)),
    [api, state],
  );
  // A change of the project is a change of what its agents are to do: said at once, not at the next poll.
  useEffect(() => void agents.refresh(), [agents, project.version]);
  useEffect(agents.watch, [agents]);
  const agentsSeen = useValue(agents.view);
  const canChange = writable && (lock === null || admin);
  const end: Wanted = { on: project.tracing_enabled, ends: true, ifVersion: project.version };

  // A dialog must not have to wait for the network once it is needed.
  useEffect(() => {
    if (production || admin) confirmChange().catch(() => {});
  }, [production, admin]);

  const change = async (wanted: Wanted, why: string) => {
    const isSaved = await state.setTracing(wanted, why);
    // What is typed while it is being saved is for the next change; what failed need not be typed again.
    setReason((typed) => (production || typed === why ? (isSaved ? "" : why) : typed));
  };

  const press = (control: string, wanted: Wanted) => {
    const at = performance.now();
    const last = lastPress.current;
    if (control === last.control && at - last.at < DOUBLE_PRESS_MS) return;
    lastPress.current = { control, at };
    // Decided now: what comes while a dialog asks has not been seen.
    const decided = { ...wanted, lifts: liftsStop(view, wanted) };
    if (production) setAsked(decided);
    else void change(decided, reason);
  };

  useFocusWhenClosed(TITLE_ID, !canChange);
  const isAsking = asked !== null || locking;
  // A dialog gives the focus back to what had it, which may be gone by then.
  useLayoutEffect(() => {
    if (isAsking) return () => recoverFocus(TITLE_ID);
  }, [isAsking]);

  return (
    <section class="settings" aria-labelledby={TITLE_ID}>
      <Heading level={2} id={TITLE_ID}>
        {strings.observability}
      </Heading>
      <div class="card">
        <Switch
          label={strings.enableTracing}
          on={isOn}
          busy={isSaving(view)}
          disabled={!canChange}
          describedBy={canChange ? "status" : "status read-only"}
          onToggle={() => press("switch", { on: !isOn })}
        />
        <TracingStatus
          view={view}
          agents={agentsSeen.status}
          refuge={TITLE_ID}
          onUndo={(undo) => press("undo", undo)}
          onLift={canChange ? () => press("lift", { on: true }) : null}
          onEnd={canChange && override ? () => press("end", end) : null}
        >
          {admin && lock && (
            <button type="button" onClick={() => setLocking(true)}>
              {strings.unlock}
            </button>
          )}
        </TracingStatus>
        {canChange && lock === null && (
          <ForAWhile
            on={override ? override.trace : !isOn}
            busy={isSaving(view)}
            refuge={TITLE_ID}
            onChoose={(until) => press("while", { on: override ? override.trace : !isOn, until })}
          />
        )}
        {canChange && !production && (
          <Field
            id="reason"
            label={strings.reason}
            note={strings.optional}
            hint={strings.reasonHint}
            maxLength={REASON_MAX_LENGTH}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {canChange && production && <p class="hint">{strings.productionAsks}</p>}
        {!canChange && (
          <p id="read-only" class="hint">
            {writable ? strings.lockedReadOnly : strings.readOnly}
          </p>
        )}
        {admin && lock === null && (
          <button type="button" class="quiet" onClick={() => setLocking(true)}>
            {strings.lock}
          </button>
        )}
      </div>
      <div class="aside">
        <Lazy load={agentsView} props={{ view: agentsSeen, projectId: project.id }} placeholder="agents" />
        <Lazy load={about} props={{}} placeholder="about" />
      </div>
      {asked && (
        <Lazy
          load={confirmChange}
          props={{ asked, project, reason, onConfirm: (why) => void change(asked, why), onClose: () => setAsked(null) }}
          placeholder={null}
        />
      )}
      {locking && (
        <Lazy
          load={lockDialog}
          props={{ project, api, onChanged: state.refresh, onClose: () => setLocking(false) }}
          placeholder={null}
        />
      )}
    </section>
  );
}
