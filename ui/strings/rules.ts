import type { Propagation } from "../api.ts";
import type { Draft } from "../rules/draft.ts";
import * as strings from "../strings.ts";
import { byReason } from "../strings.ts";

export const title = "Rules";
export const intro = "Who is traced, when, how much and until what it costs. Agents follow within a second.";
export const notLoaded = "The rules could not be loaded";

export const sampling = "Sampling";
export const samplingSlider = "Share of users that is traced";
export const samplingNumber = "Percent";
export const samplingHint =
  "The same users each time: raising the share only adds some. Without a user id the session decides, else the trace.";
export const people = (count: number, of: number): string => {
  if (count === 0) return "Nobody, but the users set to “always”";
  return count === of ? "Every user" : `About ${count} of ${of.toLocaleString("en")} users`;
};
export const noShare = "Must be a number from 0 to 100.";

export const capture = "What is recorded";
export const captures = {
  full: { label: "Everything", hint: "Traces with inputs and outputs." },
  metadata: { label: "Metadata only", hint: "Names, times and token counts, without inputs and outputs." },
};

export const unavailable = "When agents cannot ask";
export const unavailableHint = "For agents that reach neither Redis nor this API for five minutes.";
export const unavailables = {
  last_known: { label: "Go on as last known", hint: "Off stays off, on stays on." },
  skip: { label: "Skip", hint: "Rather no traces than unwanted ones." },
  trace: { label: "Trace", hint: "Rather unwanted traces than none." },
};

export const budget = "Daily budget";
export const budgetDollars = "Dollars a day";
export const budgetHint =
  "Tracing stops when the day’s reported cost reaches it, and goes on with the next day. Empty: no limit.";
export const spent = (dollars: string, of: string | null) =>
  of === null ? `$${dollars} reported today` : `$${dollars} of $${of} reported today`;

export const runCost = "Cost of a run";
export const runCostDollars = "Dollars a run";
export const runCostHint =
  "What each skipped run would have cost, for the savings in Activity. Empty: the mean of what agents report.";

export const zone = "Time zone";
export const zoneHint = "Of the quiet hours, and of the day that the budget is for.";

export const schedule = "Quiet hours";
export const scheduleHint = "Times at which nothing is traced. An end that is not after the start is on the next day.";
export const noSchedule = "None: traced around the clock.";
export const quietWindow = (number: number) => `Quiet hours ${number}`;
export const from = "From";
export const to = "To";
export const add = "Add quiet hours";
export const remove = "Remove";
export const removeWindow = (number: number) => `Remove quiet hours ${number}`;
export const week = "The week’s quiet hours";
export const paintHint =
  "Or drag over the week to add some. By keyboard: arrows go from hour to hour, with Shift they mark several, Enter adds them.";
export const marked = (hours: Draft["schedule"][number], isThere: boolean) =>
  `${isThere ? "Quiet" : "Marked"}: ${window(hours)}.`;
export const tooMany = "There is room for 21.";
export const days = {
  mon: { short: "Mon", long: "Monday" },
  tue: { short: "Tue", long: "Tuesday" },
  wed: { short: "Wed", long: "Wednesday" },
  thu: { short: "Thu", long: "Thursday" },
  fri: { short: "Fri", long: "Friday" },
  sat: { short: "Sat", long: "Saturday" },
  sun: { short: "Sun", long: "Sunday" },
};

export const production = "Production";
export const productions = { no: { label: "No" }, yes: { label: "Yes" } };
export const productionHint = "Every change then needs a reason, and the switch asks before it moves.";

export const nextChange = (time: string, zoneName: string, trace: boolean, reason: string) =>
  `Next change by the saved rules: ${time} (${zoneName}), ${trace ? "on" : `off ${byReason(reason)}`}.`;
export const noNextChange = "By the saved rules nothing changes within the next 8 days.";

export const save = "Save";
export const savingNow = "Saving";
export const discard = "Discard";
export const changes = "What will change";
export const editsKept = "What you have not saved is kept for when you can; here is what is in force.";
export const noChanges = "Nothing changed yet.";
export const saved = "Saved.";
export const notSaved = "Not saved.";
export const changedMeanwhile = "Somebody else changed this project meanwhile. Nothing of yours is saved yet.";
export const merged = "Their changes are taken over where you changed nothing. Look again, then save.";
export const nothingLeft = "The rules are already as you wanted them: nothing is left to save.";
export const contested = (fields: string) => `You changed this, too, and saving replaces theirs: ${fields}.`;
export const fieldsWrong = "Not saved. Mend what is marked, then save again.";
export const reach = (propagation: Propagation) =>
  ({ live: `${strings.live}.`, pending: strings.pendingText, held: strings.heldText })[propagation];

export const field: Record<keyof Draft, string> = {
  sample_rate: sampling,
  capture,
  when_unavailable: unavailable,
  production,
  daily_budget_usd: budget,
  run_cost_usd: runCost,
  time_zone: zone,
  schedule,
};

/** A rule's value in a list of changes. */
export function value(draft: Draft, name: keyof Draft): string {
  switch (name) {
    case "sample_rate":
      return `${draft.sample_rate} %`;
    case "capture":
      return captures[draft.capture].label;
    case "when_unavailable":
      return unavailables[draft.when_unavailable].label;
    case "production":
      return draft.production ? "yes" : "no";
    case "daily_budget_usd":
      return draft.daily_budget_usd.trim() === "" ? "no limit" : `$${draft.daily_budget_usd}`;
    case "run_cost_usd":
      return draft.run_cost_usd.trim() === "" ? "as reported" : `$${draft.run_cost_usd}`;
    case "time_zone":
      return draft.time_zone;
    case "schedule":
      return draft.schedule.length === 0 ? "none" : draft.schedule.map(window).join("; ");
  }
}

const window = ({ days: on, from: start, to: end }: Draft["schedule"][number]) =>
  `${on.length === 7 ? "every day" : on.map((day) => days[day].short).join(", ")} ${start}–${end}`;
