import type { Answer, Body } from "../api.ts";
import { EXIT, usageError } from "../errors.ts";
import { table, when } from "../text.ts";
import { because, REASON, reportPropagation } from "./changed.ts";
import type { Command, Context, Option } from "./command.ts";

type Rules = Answer<"GET /api/v1/projects/{id}/rules">;
type Changed = Answer<"PATCH /api/v1/projects/{id}/rules">;
type Change = Body<"PATCH /api/v1/projects/{id}/rules">;

const dollars = (amount: string | null) => (amount === null ? "none" : `$${amount}`);

function rowsOf(rules: Rules | Changed): string[][] {
  const { schedule } = rules;
  const budget = "spent_today_usd" in rules ? `, $${rules.spent_today_usd} spent today` : "";
  return [
    ["Sample rate", `${rules.sample_rate}`],
    ["Capture", rules.capture],
    ["When unavailable", rules.when_unavailable],
    ["Daily budget", `${dollars(rules.daily_budget_usd)}${budget}`],
    ["Cost of a run", rules.run_cost_usd === null ? "the mean of what is reported" : dollars(rules.run_cost_usd)],
    ["Time zone", rules.time_zone],
    ...(schedule.length === 0 ? [["Quiet hours", "none"]] : []),
    ...schedule.map(({ days, from, to }, i) => [i === 0 ? "Quiet hours" : "", `${days.join(" ")} ${from} to ${to}`]),
    ["Production", rules.production ? "yes: changes need a reason" : "no"],
    ...("override" in rules && rules.override
      ? [["Override", `${rules.override.trace ? "on" : "off"} until ${when(rules.override.until)}`]]
      : []),
    ...("lock" in rules && rules.lock ? [["Lock", rules.lock.reason]] : []),
    ["Version", `${rules.version}`],
  ];
}

export const showRules: Command = {
  name: "rules",
  summary: "Show the rules",
  async run(context) {
    const rules = await context.api().call("GET /api/v1/projects/{id}/rules", { path: { id: context.project() } });
    context.show(rules, () => table(rowsOf(rules)));
    return EXIT.ok;
  },
};

const money = (text: string) => (text === "none" ? null : text);

function numberOf(flag: string, text: string): number {
  const number = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= 0 && number <= 1)) throw usageError(`--${flag} must be a number from 0 to 1, such as 0.3.`);
  return number;
}

function oneOf<const T extends string>(flag: string, text: string, values: readonly T[]): T {
  const value = values.find((one) => one === text);
  if (value === undefined) throw usageError(`--${flag} must be ${values.join(" or ")}.`);
  return value;
}

function scheduleOf(text: string): NonNullable<Change["schedule"]> {
  try {
    const windows = JSON.parse(text);
    if (Array.isArray(windows)) return windows; // what is in it the API checks
  } catch {}
  throw usageError(
    `--schedule must be a JSON list, such as '[{"days":["mon","tue"],"from":"22:00","to":"06:00"}]'; '[]' clears it.`,
  );
}

/** By flag: what it is, and what it changes. */
const FLAGS: Record<string, Option & { change(text: string): Change }> = {
  "sample-rate": {
    value: "0..1",
    help: "the share of users that is traced",
    change: (text) => ({ sample_rate: numberOf("sample-rate", text) }),
  },
  capture: {
    value: "full|metadata",
    help: "what is recorded of a traced request",
    change: (text) => ({ capture: oneOf("capture", text, ["full", "metadata"]) }),
  },
  "when-unavailable": {
    value: "last_known|skip|trace",
    help: "what applies when nobody has answered for 300 s",
    change: (text) => ({ when_unavailable: oneOf("when-unavailable", text, ["last_known", "skip", "trace"]) }),
  },
  "daily-budget": {
    value: "dollars|none",
    help: "off for the rest of the day once it is spent",
    change: (text) => ({ daily_budget_usd: money(text) }),
  },
  "run-cost": {
    value: "dollars|none",
    help: "what a traced run costs",
    change: (text) => ({ run_cost_usd: money(text) }),
  },
  "time-zone": {
    value: "name",
    help: "for quiet hours and the budget's day, such as Europe/Zurich",
    change: (text) => ({ time_zone: text }),
  },
  schedule: {
    value: "json",
    help: "quiet hours; '[]' clears them",
    change: (text) => ({ schedule: scheduleOf(text) }),
  },
  production: {
    value: "yes|no",
    help: "whether changes need a reason",
    change: (text) => ({ production: oneOf("production", text, ["yes", "no"]) === "yes" }),
  },
};

function ifMatch({ flags }: Context): { headers?: Record<string, string> } {
  const version = flags["if-version"];
  if (version === undefined) return {};
  if (!/^\d{1,15}$/.test(version))
    throw usageError("--if-version must be a version, as tracing-toggle rules shows it.");
  return { headers: { "if-match": `"${version}"` } };
}

export const setRules: Command = {
  name: "rules set",
  summary: "Change the rules that are given",
  details: 'Example: tracing-toggle rules set --sample-rate 0.3 --daily-budget 100 --reason "less"',
  options: {
    ...FLAGS,
    "if-version": { value: "version", help: "only if the project is still at this version" },
    ...REASON,
  },
  async run(context) {
    const changes = Object.entries(FLAGS).flatMap(([flag, { change }]) => {
      const text = context.flags[flag];
      return text === undefined ? [] : [change(text)];
    });
    if (changes.length === 0) throw usageError("Nothing to change. See tracing-toggle rules set --help.");
    const body: Change = Object.assign({}, ...changes, because(context));
    const path = { id: context.project() };
    const rules = await context.api().call("PATCH /api/v1/projects/{id}/rules", { path, body, ...ifMatch(context) });
    context.show(rules, () => table(rowsOf(rules)));
    return reportPropagation(context, rules.propagation);
  },
};
