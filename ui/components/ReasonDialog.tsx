import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { tellFailure } from "../failure.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/dialogs.ts";
import { notDone } from "../strings/failure.ts";
import * as strings from "../strings.ts";
import { Field, REASON_MAX_LENGTH } from "./Field.tsx";

interface Props {
  title: string;
  text: string;
  confirm: string;
  /** Without one nothing is done. */
  reasonNeeded: boolean;
  /** Stands in the field until somebody writes another one. */
  reasonProposed?: string;
  /** Answers why it failed, as an error or in words; the dialog stays open then. */
  onConfirm: (reason: string) => Promise<unknown>;
  onClose: () => void;
  /** What else there is to see or to choose. */
  children?: ComponentChildren;
}

/** Asks before something is done, and why it is done. */
export function ReasonDialog({
  title,
  text,
  confirm,
  reasonNeeded,
  reasonProposed = "",
  onConfirm,
  onClose,
  children,
}: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [sending, setSending] = useState(false);
  const [reason, setReason] = useState(reasonProposed);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (sending) return;
    if (reasonNeeded && reason.trim() === "") return setError(own.reasonMissing);
    setSending(true);
    setError(null);
    const answer = await onConfirm(reason);
    setSending(false);
    if (answer instanceof ApiError) setError(tellFailure(notDone, answer));
    else if (typeof answer === "string") setError(answer);
    else dialog.current?.close();
  };

  // What is on its way cannot be taken back, so nothing may look as if it were.
  const stay = (event: Event) => {
    if (sending) event.preventDefault();
  };
  // A browser lets nobody refuse `cancel` twice in a row, but what begins it, the key.
  const stayOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape") stay(event);
  };

  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onCancel={stay} onKeyDown={stayOnEscape} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <h2 id="dialog-title">{title}</h2>
        <p>{text}</p>
        {children}
        <Field
          id="dialog-reason"
          label={strings.reason}
          {...(!reasonNeeded && { note: strings.optional })}
          error={error}
          maxLength={REASON_MAX_LENGTH}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        <p role="status" class="hint">
          {sending && own.underWay}
        </p>
        <div class="actions">
          <button type="submit" class="primary" aria-busy={sending}>
            {confirm}
          </button>
          <button type="button" disabled={sending} onClick={() => dialog.current?.close()}>
            {own.cancel}
          </button>
        </div>
      </form>
    </dialog>
  );
}
