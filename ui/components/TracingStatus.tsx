import type { ComponentChildren } from "preact";
import type { ProjectStatus } from "../api.ts";
import { now } from "../clock.ts";
import { explain, isOutcomeUnknown } from "../problem.ts";
import { progressOf } from "../progress.ts";
import { type Change, isSaving, isSwitchOn, type ProjectView } from "../project-state.ts";
import { useValue } from "../signal.ts";
import { describeStatus, type InEffect } from "../status.ts";
import * as strings from "../strings.ts";
import { absoluteTime } from "../time.ts";
import type { Wanted } from "../undo.ts";
import { PassingButton } from "./PassingButton.tsx";
import { Progress } from "./Progress.tsx";
import { StatusDot } from "./StatusDot.tsx";
import { Undo } from "./Undo.tsx";

interface Props {
  view: ProjectView;
  agents: ProjectStatus | null;
  /** Where the focus goes from a button that goes away. */
  refuge: string;
  onUndo: (undo: Wanted) => void;
  onLift: (() => void) | null;
  /** Ends what was set for a while. */
  onEnd: (() => void) | null;
  children: ComponentChildren;
}

export function TracingStatus({ view, agents, refuge, onUndo, onLift, onEnd, children }: Props) {
  const { change, readError } = view;
  const time = useValue(now);
  const saving = isSaving(view);
  const switchOn = change?.kind === "saving" ? change.wanted.on : isSwitchOn(view);
  const inEffect = (!saving && view.inEffect) || asWanted(switchOn);
  const status = describeStatus(switchOn, inEffect, (!saving && view.project) || NOTHING_ELSE, time);
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
        {change?.kind === "overtaken" && <p class="outcome">{strings.overtaken}</p>}
        {readError && (
          <p class="stale">
            {strings.lastConfirmed(absoluteTime(view.confirmedAt))} {explain(readError)}
          </p>
        )}
      </div>
      <div class="outcome" aria-live="polite">
        {(change?.kind === "saving" || change?.kind === "saved") && (
          <Progress steps={progressOf(change, inEffect.effective, agents)} />
        )}
        {change?.kind === "saved" && change.undo && (
          <Undo key={change.at} since={change.at} refuge={refuge} onUndo={() => onUndo(change.undo as Wanted)} />
        )}
      </div>
      {change?.kind === "failed" && (
        <p class="error" role="alert">
          {failure(change)}
        </p>
      )}
      {onLift && switchOn && inEffect.reason === "break_glass" && (
        <PassingButton refuge={refuge} onClick={onLift}>
          {strings.liftBreakGlass}
        </PassingButton>
      )}
      {onEnd && !saving && (
        <PassingButton refuge={refuge} onClick={onEnd}>
          {strings.endNow}
        </PassingButton>
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
  return change?.kind === "saved" && !change.readBack && change.answer.propagation === "pending";
}

function failure({ wanted, error }: Extract<Change, { kind: "failed" }>): string {
  const sentences = [strings.notSwitched(wanted.on)];
  sentences.push(error.status === 412 ? strings.changedSince : explain(error));
  if (isOutcomeUnknown(error)) sentences.push(strings.maybeSwitched);
  return sentences.join(" ");
}
