import { now } from "../clock.ts";
import { Link } from "../components/Link.tsx";
import { projectPath } from "../routes.ts";
import { useValue } from "../signal.ts";
import * as own from "../strings/keys.ts";
import { absoluteTime, relativeTime } from "../time.ts";
import type { Key } from "./keys-api.ts";

interface Props {
  entry: Key;
  /** Of the project that it is for, if it is known. */
  projectName: string | undefined;
  isOwn: boolean;
  onRotate: () => void;
  onRevoke: () => void;
}

export function KeyRow({ entry, projectName, isOwn, onRotate, onRevoke }: Props) {
  const { name, prefix, last_four, scopes, project_id } = entry;
  return (
    <li>
      <div>
        <p>
          <strong>{name}</strong>
          {isOwn && <span class="tag">{own.yours}</span>}
        </p>
        <p>
          <code>{own.masked(prefix, last_four)}</code>
        </p>
        <p>
          {scopes.join(", ")}
          {" · "}
          {project_id === null ? (
            own.allProjects
          ) : (
            <Link to={projectPath(project_id)}>{projectName ?? project_id}</Link>
          )}
        </p>
        <p class="hint">{timesOf(entry, useValue(now)).join(" · ")}</p>
      </div>
      <div class="key-actions">
        <button type="button" class="quiet" aria-label={own.rotateOf(name)} onClick={onRotate}>
          {own.rotate}
        </button>
        <button type="button" class="quiet" aria-label={own.revokeOf(name)} onClick={onRevoke}>
          {own.revoke}
        </button>
      </div>
    </li>
  );
}

function timesOf({ created_at, last_used_at, expires_at }: Key, present: number): string[] {
  const ago = (instant: string) => relativeTime(Date.parse(instant), present);
  const times = [own.created(ago(created_at)), last_used_at ? own.used(ago(last_used_at)) : own.neverUsed];
  if (expires_at === null) return [...times, own.noEnd];
  const end = Date.parse(expires_at);
  return [...times, (end <= present ? own.ended : own.endsAt)(absoluteTime(end))];
}
