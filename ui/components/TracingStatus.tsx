import type { ComponentChildren } from "preact";
import { now } from "../clock.ts";
import { explain } from "../problem.ts";
import { type Change, isSaving, isSwitchOn, type ProjectView } from "../project-state.ts";
import { useValue } from "../signal.ts";
import { describeStatus, type InEffect, type Tone } from "../status.ts";
import * as strings from "../strings.ts";
import { absoluteTime } from "../time.ts";
import { StatusDot } from "./StatusDot.tsx";

interface Props {
  view: ProjectView;
  onLift: (() => void) | null;
  /** Ends what was set for a while. */
  onEnd: (() => void) | null;
  children: ComponentChildren;
}

export function TracingStatus({ view, onLift, onEnd, children }: Props) {
  const { change, readError } = view;
  const time = useValue(now);
  const switchOn = isSwitchOn(view);
  const saving = isSaving(view);
  const inEffect = (!saving && view.inEffect) || asWanted(switchOn);
  const status = describeStatus(switchOn, inEffect, (!saving && view.project) || NOTHING_ELSE, time);
  const told = outcome(change, status.tone);
  const tone = saving || readError || isPending(change) ? "busy" : status.tone;

  return (
    <div class={`status status-${tone}`}>
      <div id="status" role="status">
        <p class="status-headline">
          <StatusDot tone={tone} />
          <strong>{status.headline}</strong>
        </p>
        {status.texts.map((text) => (
          <p key={text}>{text}</p>
        ))}
        {told && <p class="outcome">{told}</p>}
        {readError && (
          <p class="stale">
            {strings.lastConfirmed(absoluteTime(view.confirmedAt))} {explain(readError)}
          </p>
        )}
      </div>
      {change?.kind === "failed" && (
        <p class="error" role="alert">
          {failure(change)}
        </p>
      )}
      {onLift && switchOn && inEffect.reason === "break_glass" && (
        <button type="button" onClick={onLift}>
          {strings.liftBreakGlass}
        </button>
      )}
      {onEnd && !saving && (
        <button type="button" onClick={onEnd}>
          {strings.endNow}
        </button>
      )}
      {children}
    </div>
  );
}

const NOTHING_ELSE = { lock: null, override: null };

function asWanted(on: boolean): InEffect {
  return { effective: on, reason: on ? "enabled" : "disabled", policy: null };
}

function isPending(change: Change | null): boolean {
  return change?.kind === "saved" && change.answer.propagation === "pending";
}

function outcome(change: Change | null, tone: Tone): string | null {
  if (change === null || change.kind === "failed") return null;
  if (change.kind === "saving") return strings.saving;
  if (isPending(change)) return strings.pending;
  if (change.answer.propagation === "held") return strings.held;
  return tone === "warning" ? null : strings.live;
}

function failure({ wanted, error }: Extract<Change, { kind: "failed" }>): string {
  const sentences = [strings.notSwitched(wanted), explain(error)];
  if (error.status === 0 || error.status === 503) sentences.push(strings.maybeSwitched);
  return sentences.join(" ");
}
