import type { ProjectStatus } from "./api.ts";
import { type Change, sightings } from "./project-state.ts";
import * as strings from "./strings.ts";
import { duration, versionName } from "./time.ts";

/** How far a change has come: what is done, under way, yet to come, or stuck. */
export interface Step {
  state: "done" | "now" | "later" | "stuck";
  text: string;
}

/** The way of a change from the press to the agents. Never says of a step what is not known of it. */
export function progressOf(
  change: Extract<Change, { kind: "saving" | "saved" }>,
  isEffective: boolean,
  status: ProjectStatus | null,
): Step[] {
  if (change.kind === "saving")
    return [
      { state: "now", text: strings.saving },
      { state: "later", text: strings.notYetLive },
      notYetSeen("later", status),
    ];
  const { version } = change.answer;
  const saved: Step = { state: "done", text: strings.savedAs(versionName(version)) };
  return [
    saved,
    liveStep(change, isEffective),
    change.readBack ? seenStep(version, status) : notYetSeen("later", status),
  ];
}

function liveStep({ wanted, answer, readBack }: Extract<Change, { kind: "saved" }>, isEffective: boolean): Step {
  // Where another rule decides, agents have it, and yet it is not in effect.
  if (readBack) return { state: "done", text: wanted.on === isEffective ? strings.live : strings.readBack };
  if (answer.propagation === "pending")
    return { state: "stuck", text: wanted.lifts ? strings.pendingLiftText : strings.pendingText };
  if (answer.propagation === "held") return { state: "stuck", text: strings.heldText };
  return { state: "now", text: strings.readingBack };
}

function seenStep(version: number, status: ProjectStatus | null): Step {
  const seen = sightings(version, status);
  if (seen === null || seen.of === 0) return notYetSeen("now", status);
  const time = seen.slowest_ms === null ? null : duration(seen.slowest_ms);
  return { state: seen.seen_by < seen.of ? "now" : "done", text: strings.seenBy(seen.seen_by, seen.of, time) };
}

/** There is nothing to wait for where nobody reports. */
const notYetSeen = (state: "now" | "later", status: ProjectStatus | null): Step =>
  status?.instances.count === 0 ? { state: "later", text: strings.noAgents } : { state, text: strings.notYetSeen };
