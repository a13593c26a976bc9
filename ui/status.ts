import * as strings from "./strings.ts";

export interface InEffect {
  effective: boolean;
  reason: string;
}

/** `warning`: what is in effect is not what the switch says. */
export type Tone = "on" | "off" | "warning";

export interface Status {
  tone: Tone;
  headline: string;
  text: string;
}

const SWITCH_REASONS = new Set(["enabled", "sampled", "disabled"]);

export function toneOf(switchOn: boolean, effective: boolean): Tone {
  if (effective !== switchOn) return "warning";
  return effective ? "on" : "off";
}

/** The switch says what was asked for; what agents do can differ. Says both, and why. */
export function describeStatus(switchOn: boolean, { effective, reason }: InEffect): Status {
  const tone = toneOf(switchOn, effective);
  const headline = effective ? strings.collected : strings.disabled;
  const text = effective ? strings.collectedText : strings.disabledText;

  if (tone !== "warning") {
    return { tone, headline: `${headline}.`, text };
  }
  if (SWITCH_REASONS.has(reason)) {
    return { tone, headline: `${headline}.`, text: strings.earlierState(switchOn) };
  }
  return {
    tone,
    headline: `${headline} ${strings.byReason(reason)}, ${strings.although(switchOn)}.`,
    text: reason === "break_glass" ? strings.breakGlassText : text,
  };
}
