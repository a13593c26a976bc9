import { useState } from "preact/hooks";
import type { ProjectEvent } from "../api.ts";
import { Differences } from "../components/Differences.tsx";
import { ReasonDialog } from "../components/ReasonDialog.tsx";
import { explain } from "../problem.ts";
import * as own from "../strings/history.ts";
import { reach } from "../strings/rules.ts";
import { absoluteTime } from "../time.ts";
import type { HistoryApi } from "./history-api.ts";
import { goBack, type Plan, partsOf, type Result } from "./revert.ts";
import { settingsDifferences } from "./words.ts";

interface Props {
  api: HistoryApi;
  target: ProjectEvent;
  /** As it was when the dialog was asked for. */
  plan: Plan;
  /** Called with what was achieved. */
  onBack: (told: string) => void;
  onClose: () => void;
}

/** Shows what going back to before a change would do, and does that and nothing else. */
export function RevertDialog({ api, target, plan: first, onBack, onClose }: Props) {
  const [plan, setPlan] = useState(first);
  const time = absoluteTime(Date.parse(target.created_at));
  const { now, then, fields, changes } = plan;
  const production = now.production || then.production;

  const confirm = async (reason: string) => {
    const result = await goBack(api, target, plan, reason);
    if (result.kind === "left") {
      setPlan(result.plan);
      return failureOf(result);
    }
    onBack(`${own.back(time)} ${result.propagation ? reach(result.propagation) : ""}`);
  };

  return (
    <ReasonDialog
      title={own.backTitle(time)}
      text={own.backText(changes)}
      confirm={own.backConfirm}
      reasonNeeded={production}
      reasonProposed={production ? "" : own.backReason(time)}
      onConfirm={confirm}
      onClose={onClose}
    >
      <Differences of={settingsDifferences(fields, now, then)} />
      <ul class="hints">
        {notesOf(plan).map((note) => (
          <li key={note} class="hint">
            {note}
          </li>
        ))}
      </ul>
    </ReasonDialog>
  );
}

/** What is not gone back to, and what ends with the switch being set. */
function notesOf({ fields, override, lock }: Plan): string[] {
  const notes = [own.staysAsIs];
  if (override) {
    const tell = fields.includes("tracing_enabled") ? own.overrideEnds : own.overrideStays;
    notes.push(tell(override.trace, absoluteTime(Date.parse(override.until))));
  }
  if (lock) notes.push(own.lockStays);
  return notes;
}

/** What was done and what was not. */
function failureOf({ plan, known, done, failure }: Extract<Result, { kind: "left" }>): string {
  const isStale = failure.status === 412;
  const why = isStale ? own.changedBetween : explain(failure);
  const inWords = (parts: readonly (keyof typeof own.parts)[]) => parts.map((part) => own.parts[part]).join(", ");
  if (done.length > 0) {
    const left = partsOf(plan).filter((part) => known || !done.includes(part));
    return `${own.partlyBack(inWords(done), inWords(left))} ${why}`;
  }
  if (isStale && known) return own.changedMeanwhile;
  return `${known ? own.notBack : own.maybeBack} ${why}`;
}
