// Every pair of rules, in both orders: the test sets them by the API, and docs/rules.md shows what comes of it.

/** Whom the user rules of the cases are about. */
export const USER = "user-42";

/** A call of the API, below a project's path. */
export type Call = readonly [method: "PATCH" | "PUT" | "POST", path: string, body: Record<string, unknown>];

/** A rule as it is set, for one user or for everyone. */
export interface Rule {
  name: string;
  calls: readonly Call[];
  /** The place in the order of the rules: of two in force the smaller one decides. */
  level: number;
  trace: boolean;
  reason: string;
  /** What it takes the place of, or ends, by name. */
  ends?: readonly string[];
}

/** A zone in which it is about noon, so that no day ends while a case is tried. */
function noonZone(now: Date): string {
  const ahead = 12 - now.getUTCHours();
  return ahead === 0 ? "UTC" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** @param now for the one rule that needs an instant: a report of cost */
const rules = (now: Date): Rule[] => [
  { name: "locked", calls: [["PUT", "/lock", { reason: "an incident" }]], level: 0, trace: false, reason: "locked" },
  {
    name: "never this user",
    calls: [["PUT", `/users/${USER}`, { trace: false }]],
    level: 1,
    trace: false,
    reason: "user_override",
    ends: ["always this user"],
  },
  {
    name: "always this user",
    calls: [["PUT", `/users/${USER}`, { trace: true }]],
    level: 1,
    trace: true,
    reason: "user_override",
    ends: ["never this user"],
  },
  {
    name: "off for an hour",
    calls: [["PATCH", "/tracing", { tracing_enabled: false, duration_seconds: 3_600 }]],
    level: 2,
    trace: false,
    reason: "override",
    ends: ["on for an hour"],
  },
  {
    name: "on for an hour",
    calls: [["PATCH", "/tracing", { tracing_enabled: true, duration_seconds: 3_600 }]],
    level: 2,
    trace: true,
    reason: "enabled",
    ends: ["off for an hour"],
  },
  {
    name: "budget spent",
    calls: [
      ["PATCH", "/rules", { daily_budget_usd: "1.00", time_zone: noonZone(now) }],
      [
        "POST",
        "/usage",
        {
          batch_id: crypto.randomUUID(),
          instance: "test",
          period_start: now.toISOString(),
          period_end: now.toISOString(),
          counts: {},
          cost_micros: 1_000_000,
          sdk: { version: "test", runtime: "test" },
        },
      ],
    ],
    level: 3,
    trace: false,
    reason: "budget",
  },
  {
    name: "switched off",
    calls: [["PATCH", "/tracing", { tracing_enabled: false }]],
    level: 4,
    trace: false,
    reason: "disabled",
    ends: ["off for an hour", "on for an hour"],
  },
  {
    name: "quiet hours",
    calls: [["PATCH", "/rules", { schedule: [{ days: WEEK, from: "00:00", to: "24:00" }] }]],
    level: 5,
    trace: false,
    reason: "schedule",
  },
  {
    name: "outside the sample",
    calls: [["PATCH", "/rules", { sample_rate: 0 }]],
    level: 6,
    trace: false,
    reason: "not_sampled",
    ends: ["in the sample"],
  },
  {
    name: "in the sample",
    calls: [["PATCH", "/rules", { sample_rate: 1 - 2 ** -40 }]],
    level: 6,
    trace: true,
    reason: "sampled",
    ends: ["outside the sample"],
  },
];

/** Two rules, set one after the other, and the decision that follows for the user. */
export interface Case {
  first: Rule;
  then: Rule;
  trace: boolean;
  reason: string;
}

function decided(first: Rule, then: Rule): { trace: boolean; reason: string } {
  const inForce = then.ends?.includes(first.name) ? [then] : [first, then];
  const [top, other] = inForce.sort((a, b) => a.level - b.level) as [Rule, Rule?];
  // "On for a while" leaves the decision to the sample.
  return top.name === "on for an hour" && other?.level === 6 ? other : top;
}

/** Every rule after every rule; a rule after itself is the rule alone. */
export const cases = (now: Date): Case[] =>
  rules(now).flatMap((first) =>
    rules(now).map((then) => {
      const { trace, reason } = decided(first, then);
      return { first, then, trace, reason };
    }),
  );

const BEGIN = "<!-- the table below is written by: npm run docs:precedence -->";
const END = "<!-- end of the table -->";

/** The cases as a table in Markdown. */
export function precedenceTable(): string {
  const all = cases(new Date());
  const names = [...new Set(all.map(({ first }) => first.name))];
  const cell = ({ trace, reason }: Case) => (trace ? `**\`${reason}\`**` : `\`${reason}\``);
  const rows = names.map((name) => [`**${name}**`, ...all.filter(({ first }) => first.name === name).map(cell)]);
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(["set first ↓ then →", ...names]), line(["---", ...names.map(() => "---")]), ...rows.map(line)].join(
    "\n",
  );
}

/** A page with the table in its place. Throws when the page has no place for it. */
export function withTable(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) throw new Error(`the page lacks "${BEGIN}" or "${END}"`);
  return `${before}${BEGIN}\n\n${precedenceTable()}\n\n${END}${after}`;
}
