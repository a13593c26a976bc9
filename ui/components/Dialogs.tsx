import { useState } from "preact/hooks";
import type { Project, ProjectApi } from "../api.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/dialogs.ts";
import * as strings from "../strings.ts";
import { clockTime } from "../time.ts";
import type { Wanted } from "../undo.ts";
import { ReasonDialog } from "./ReasonDialog.tsx";

interface ConfirmProps {
  asked: Wanted;
  project: Project;
  /** Given for a change that failed. */
  reason: string;
  onConfirm: (reason: string) => void;
  onClose: () => void;
}

/** What is asked before the switch of a project marked production moves. */
export function ConfirmChange({
  asked: { on, until, ends },
  project: { name },
  reason,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const end = until === undefined ? null : clockTime(until, Date.now());
  return (
    <ReasonDialog
      title={ends ? own.confirmEndTitle : own.confirmTitle(on)}
      text={ends ? own.confirmEndText(name) : own.confirmText(name, on, end)}
      confirm={ends ? strings.endNow : own.confirmSwitch(on)}
      reasonNeeded
      reasonProposed={reason}
      onConfirm={async (reason) => onConfirm(reason)}
      onClose={onClose}
    />
  );
}

interface LockProps {
  project: Project;
  api: ProjectApi;
  onChanged: () => Promise<void>;
  onClose: () => void;
}

/** For admins: keeps the project off whatever happens to its switch and rules, or ends that. */
export function LockDialog({ project, api, onChanged, onClose }: LockProps) {
  // As it was when the dialog was opened: what is asked does not turn into its opposite under somebody's fingers.
  const [isLocked] = useState(project.lock !== null);
  const change = async (reason: string) => {
    const answer = await (isLocked ? api.unlock(reason) : api.lock(reason));
    if (!(answer instanceof ApiError)) await onChanged();
    return answer;
  };
  return (
    <ReasonDialog
      title={isLocked ? own.unlockTitle : own.lockTitle}
      text={isLocked ? own.unlockText : own.lockText}
      confirm={isLocked ? strings.unlock : strings.lock}
      reasonNeeded={!isLocked || project.production}
      onConfirm={change}
      onClose={onClose}
    />
  );
}
