import { explain } from "../problem.ts";
import { type Change, isSaving, isSwitchOn, type ProjectView } from "../project-state.ts";
import { describeStatus, type InEffect, type Tone } from "../status.ts";
import * as strings from "../strings.ts";
import { absoluteTime } from "../time.ts";
import { StatusDot } from "./StatusDot.tsx";

export function TracingStatus({ view, onLift }: { view: ProjectView; onLift: (() => void) | null }) {
  const { change, readError } = view;
  const switchOn = isSwitchOn(view);
  const saving = isSaving(view);
  const inEffect = (!saving && view.inEffect) || asWanted(switchOn);
  const status = describeStatus(switchOn, inEffect);
  const told = outcome(change, status.tone);
  const tone = saving || readError || isPending(change) ? "busy" : status.tone;

  return (
    <div class={`status status-${tone}`}>
      <div id="status" role="status">
        <p class="status-headline">
          <StatusDot tone={tone} />
          <strong>{status.headline}</strong>
        </p>
        <p>{status.text}</p>
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
    </div>
  );
}

function asWanted(on: boolean): InEffect {
  return { effective: on, reason: on ? "enabled" : "disabled" };
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
