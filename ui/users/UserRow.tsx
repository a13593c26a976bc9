import type { UserEntry } from "../api.ts";
import { now } from "../clock.ts";
import { StatusDot } from "../components/StatusDot.tsx";
import { useValue } from "../signal.ts";
import * as own from "../strings/users.ts";
import { clockTime } from "../time.ts";

interface Props {
  entry: UserEntry;
  onRevoke: ((entry: UserEntry) => void) | null;
}

export function UserRow({ entry, onRevoke }: Props) {
  const { user, trace, reason, expires_at } = entry;
  const time = useValue(now);
  return (
    <li>
      <StatusDot tone={trace ? "on" : "off"} />
      <div>
        <p>
          <code>{user}</code> <strong>{own.traced(trace)}</strong>{" "}
          <span class="hint">{expires_at ? own.until(clockTime(Date.parse(expires_at), time)) : own.noEnd}</span>
        </p>
        {reason && <p class="why">{reason}</p>}
      </div>
      {onRevoke && (
        <button type="button" class="quiet" aria-label={own.revokeOf(user)} onClick={() => onRevoke(entry)}>
          {own.revoke}
        </button>
      )}
    </li>
  );
}
