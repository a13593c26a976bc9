import { useMemo, useState } from "preact/hooks";
import { ReasonDialog } from "../components/ReasonDialog.tsx";
import { isUncertain, makeOnce } from "../once.ts";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/keys.ts";
import { absoluteTime } from "../time.ts";
import { type Key, type MadeKey, rotateKey } from "./keys-api.ts";

const AT_ONCE = "0";
const A_DAY = "86400";

interface Props {
  entry: Key;
  isOwn: boolean;
  /** Called with the new key and with what became of the old one. */
  onRotated: (made: MadeKey, note: string) => void;
  onClose: () => void;
}

export function RotateDialog({ entry: { id, name }, isOwn, onRotated, onClose }: Props) {
  const [seconds, setSeconds] = useState(A_DAY);
  const rotate = useMemo(
    () =>
      makeOnce(
        ({ seconds, reason }: { seconds: string; reason: string }) => ({
          expires_in: Number(seconds),
          ...(reason.trim() !== "" && { reason: reason.trim() }),
        }),
        (rotation, idempotencyKey) => rotateKey(id, rotation, idempotencyKey),
      ),
    [id],
  );

  const confirm = async (reason: string) => {
    const made = await rotate({ seconds, reason });
    if (made instanceof ApiError) return isUncertain(made) ? `${explain(made)} ${own.notRotated}` : made;
    const end = absoluteTime(Date.parse(made.replaces.expires_at));
    onRotated(made, seconds === AT_ONCE ? own.replacedAtOnce : own.replaced(end));
  };

  // Revoking the key of one's own session would sign out before the new secret is read.
  const choices = Object.entries(own.overlaps).filter(([value]) => !(isOwn && value === AT_ONCE));
  return (
    <ReasonDialog
      title={own.rotateTitle(name)}
      text={own.rotateText}
      confirm={own.rotate}
      reasonNeeded={false}
      onConfirm={confirm}
      onClose={onClose}
    >
      {isOwn && <p class="notice">{own.ownRotation}</p>}
      <div class="field narrow">
        <label for="overlap">{own.overlap}</label>
        <select id="overlap" value={seconds} onChange={(event) => setSeconds(event.currentTarget.value)}>
          {choices.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
    </ReasonDialog>
  );
}
