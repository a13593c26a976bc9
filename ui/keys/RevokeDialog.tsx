import { ReasonDialog } from "../components/ReasonDialog.tsx";
import { ApiError } from "../request.ts";
import * as own from "../strings/keys.ts";
import { type Key, revokeKey } from "./keys-api.ts";

interface Props {
  entry: Key;
  isOwn: boolean;
  onRevoked: () => void;
  onClose: () => void;
}

export function RevokeDialog({ entry: { id, name, prefix, last_four }, isOwn, onRevoked, onClose }: Props) {
  const confirm = async (reason: string) => {
    const answer = await revokeKey(id, reason);
    // What is gone already was revoked by somebody else, or by a request whose answer was lost.
    if (answer instanceof ApiError && answer.status !== 404) return answer;
    onRevoked();
  };
  return (
    <ReasonDialog
      title={own.revokeTitle(name)}
      text={own.revokeText(own.masked(prefix, last_four))}
      confirm={own.revokeOf(name)}
      reasonNeeded={false}
      onConfirm={confirm}
      onClose={onClose}
    >
      {isOwn && <p class="notice">{own.revokeOwn}</p>}
    </ReasonDialog>
  );
}
