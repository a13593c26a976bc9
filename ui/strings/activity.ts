import type { Band } from "../activity/series.ts";

export const title = "Activity";
export const intro = "What agents decided and what it cost, as they report it.";

export const rangeLabel = "Time";
export const ranges = { "1h": "1 hour", "24h": "24 hours", "30d": "30 days" };
export const span = { "1h": "the last hour", "24h": "the last 24 hours", "30d": "the last 30 days" };

export const bands: Record<Band, string> = {
  traced: "Traced",
  not_sampled: "Skipped: not in the sample",
  switched_off: "Skipped: switched off",
  schedule: "Skipped: quiet hours",
  budget: "Skipped: budget spent",
  stopped: "Skipped: locked or stopped",
  user_override: "By user overrides",
  no_policy: "Without an answer",
  other: "Other reasons",
};

export const summary = (time: string, decisions: string, parts: string[]) =>
  `${decisions} in ${time}: ${parts.join(", ")}.`;
export const decisions = (count: string) => `${count} ${count === "1" ? "decision" : "decisions"}`;
export const traced = (count: string, share: string) => `${count} traced (${share})`;
export const skipped = (count: string, share: string) => `${count} skipped (${share})`;
export const unanswered = (count: string, share: string) => `${count} without an answer (${share})`;
export const undetermined = (count: string, share: string) => `${count} by user overrides or other reasons (${share})`;
export const lessThanOnePercent = "< 1 %";

export const chart = "Decisions over time";
export const legend = "Decisions by reason";
export const inTotal = (time: string) => `In ${time}`;
export const unfinished = (time: string) => `${time}, not over yet`;

export const changes = "Changes in this time";
export const changeCount = (count: number) => `${count} changes`;
export const olderChanges = (count: number) => `and ${count} before`;
export const by = (name: string) => `by ${name}`;
export const manyChanges = "Only the newest 500 changes are marked.";

export const numbers = "The same as a table";
export const caption = (time: string) =>
  `Decisions by reason and cost in ${time}. Times without a report are left out.`;
export const utcDays = "Days are those of UTC.";
export const time = "Time";
export const cost = "Cost";
export const total = "Total";

export const dollars = (usd: string) => `$${usd}`;
export const costTitle = "Cost";
export const costBasis = "What traces cost, as agents report it.";
export const noCost = "Agents report no cost.";
export const savingsTitle = "Saved";
export const savingsBasis = (skipped: string, price: string, basis: "configured" | "reported") =>
  `${skipped} skipped at ${dollars(price)} each: ${
    basis === "configured" ? "the price of a run in the project’s rules" : "the mean cost of a traced run, as reported"
  }.`;
export const savingsUnknown = "not known";
export const savingsUnknownBasis =
  "Nobody reported what a traced run costs in this time, and the rules do not say it (“Cost of a run”).";
export const unansweredTitle = "Without an answer";
export const unansweredNone = "Every decision was made by a known policy.";
export const unansweredBasis = (share: string, reasons: string[]) =>
  `${share} of all: ${reasons.join(", ")}. No policy was known; unless the rules say otherwise, such requests are traced.`;
export const failOpenReasons: Record<string, (count: string) => string> = {
  unavailable: (count) => `${count} while nobody answered`,
  pending: (count) => `${count} before the first answer`,
  unknown_project: (count) => `${count} for a project that was not known`,
};
export const propagationTitle = "Until agents saw a change";
export const propagation = (p50: string) => `${p50} for half of them`;
export const propagationBasis = (p99: string, sightings: number) =>
  `${p99} for 99 of 100; seen ${sightings} ${sightings === 1 ? "time" : "times"} by agents that were running.`;
export const propagationNone = "–";
export const propagationNoneBasis = "No running agent has reported a change made in this time.";

export const loading = "Loading";
export const updated = (time: string, seconds: number) => `Updated at ${time}, again every ${seconds} seconds.`;
export const notLoaded = "The activity could not be loaded.";

export const empty = (time: string) => `No decision was reported in ${time}`;
export const emptyText = "Agents report what they decide when their client is made with usage:";
export const emptyCode = `import { createTracingToggle } from "tracing-toggle";
import { usage } from "tracing-toggle/usage";

const tracing = createTracingToggle({ usage: usage() });`;
export const emptyKey = "The first report shows here within seconds. It needs a key with the scope report.";
export const integrate = "How to connect an agent";
