import { useEffect, useRef, useState } from "preact/hooks";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/dialogs.ts";
import * as strings from "../strings.ts";
import { Field, REASON_MAX_LENGTH } from "./Field.tsx";

interface Props {
  title: string;
  text: string;
  confirm: string;
  /** Without one nothing is done. */
  reasonNeeded: boolean;
  /** Answers why it failed; the dialog stays open then. */
  onConfirm: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something is done, and why it is done. */
export function ReasonDialog({ title, text, confirm, reasonNeeded, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const sending = useRef(false);
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string | null>(null);
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (sending.current) return;
    if (reasonNeeded && reason.trim() === "") return setError(own.reasonMissing);
    sending.current = true;
    const answer = await onConfirm(reason);
    sending.current = false;
    if (answer instanceof ApiError) setError(explain(answer));
    else dialog.current?.close();
  };

  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <h2 id="dialog-title">{title}</h2>
        <p>{text}</p>
        <Field
          id="dialog-reason"
          label={strings.reason}
          {...(!reasonNeeded && { note: strings.optional })}
          error={error}
          maxLength={REASON_MAX_LENGTH}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        <div class="actions">
          <button type="submit" class="primary">
            {confirm}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {own.cancel}
          </button>
        </div>
      </form>
    </dialog>
  );
}
