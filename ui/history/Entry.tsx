import type { ComponentChildren } from "preact";
import type { ProjectEvent } from "../api.ts";
import { Differences } from "../components/Differences.tsx";
import { StatusDot } from "../components/StatusDot.tsx";
import { Timestamp } from "../components/Timestamp.tsx";
import { isUnconfirmed } from "../project-state.ts";
import type { Tone } from "../status.ts";
import * as strings from "../strings/history.ts";
import { absoluteTime, duration } from "../time.ts";
import { changedNothing, differencesOf, noteOf } from "./words.ts";

const TONES: Record<string, Tone> = {
  "tracing.enabled": "on",
  "tracing.disabled": "off",
  "override.enabled": "on",
  "override.disabled": "off",
  "budget.spent": "off",
  "project.locked": "off",
};

interface Props {
  event: ProjectEvent;
  /** With its time in full. */
  exact?: boolean;
  children?: ComponentChildren;
}

/** A change: what, by whom, why, from what to what, and since when it is in effect. */
export function Entry({ event, exact, children }: Props) {
  const { action, actor, reason, created_at } = event;
  const differences = differencesOf(event);
  const live = liveOf(event);
  return (
    <li>
      <StatusDot tone={TONES[action] ?? "note"} />
      <div class="change">
        <p>
          <strong>{strings.action(action)}</strong> {noteOf(event)}{" "}
          {actor.via !== "rule" && strings.by(actor.name, actor.via)}
        </p>
        {reason && <p class="why">{reason}</p>}
        {differences.length > 0 && <Differences of={differences} />}
        {changedNothing(event) && <p class="hint">{strings.unchanged}</p>}
        {live && <p class="hint">{live}</p>}
        {children}
      </div>
      <div class="when">
        <Timestamp at={created_at} />
        {exact && <span class="hint">{absoluteTime(Date.parse(created_at))}</span>}
      </div>
    </li>
  );
}

function liveOf(event: ProjectEvent): string | null {
  if (isUnconfirmed(event)) return strings.notLive;
  if (event.live_after_ms === null) return null;
  return event.live_after_ms === 0 ? strings.liveAtOnce : strings.liveAfter(duration(event.live_after_ms));
}
