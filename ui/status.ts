import type { Project, WirePolicy } from "./api.ts";
import * as strings from "./strings.ts";
import { clockTime } from "./time.ts";

export interface InEffect {
  effective: boolean;
  reason: string;
  policy: Pick<WirePolicy, "sample_rate" | "capture" | "transitions"> | null;
}

/** `warning`: what is in effect is not what the switch says. */
export type Tone = "on" | "off" | "warning";

export interface Status {
  tone: Tone;
  headline: string;
  /** What that means, and until when. */
  texts: string[];
}

type Circumstances = Pick<Project, "lock" | "override">;

export function toneOf(switchOn: boolean, effective: boolean): Tone {
  if (effective !== switchOn) return "warning";
  return effective ? "on" : "off";
}

/** The switch says what was asked for; what agents do can differ. Says both, why, and when it ends. */
export function describeStatus(switchOn: boolean, inEffect: InEffect, project: Circumstances, now: number): Status {
  const tone = toneOf(switchOn, inEffect.effective);
  const cause = causeOf(inEffect, project);
  const state = inEffect.effective ? strings.collected : strings.disabled;
  const headline = [cause ? `${state} ${strings.byReason(cause)}` : state];
  if (cause && tone === "warning") headline.push(strings.although(switchOn));
  return {
    tone,
    headline: `${headline.join(", ")}.`,
    texts: [meaning(switchOn, cause, inEffect, project), until(cause, inEffect, project, now)].filter(
      (text) => text !== "",
    ),
  };
}

/** The rule that decides in place of the switch, if one does. */
function causeOf({ effective, reason }: InEffect, { override }: Circumstances): string | null {
  if (effective) return override?.trace ? "override" : null;
  return reason === "disabled" || reason === "enabled" ? null : reason;
}

function meaning(switchOn: boolean, cause: string | null, inEffect: InEffect, { lock }: Circumstances): string {
  const { effective, policy } = inEffect;
  if (cause === null && effective !== switchOn) return strings.earlierState(switchOn);
  if (cause === "break_glass") return strings.breakGlassText;
  if (cause === "locked") return strings.lockedText(lock?.reason);
  if (!effective) return strings.disabledText;
  return strings.collectedText(policy?.sample_rate ?? 1, policy?.capture === "metadata");
}

/** Locks and emergency stops end when somebody ends them. */
function until(cause: string | null, { policy }: InEffect, { override }: Circumstances, now: number): string {
  if (cause === "break_glass" || cause === "locked") return "";
  const next = policy?.transitions.find(([at]) => at > now);
  if (next) return strings.untilThen(clockTime(next[0], now), next[1], next[2]);
  return cause === "override" && override ? strings.until(clockTime(Date.parse(override.until), now)) : "";
}
