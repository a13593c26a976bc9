import type { Rules } from "../api.ts";

/** The rules as they are edited: numbers as they are typed, the share in percent. */
export type Draft = Omit<Rules, Numeric> & Record<Numeric, string>;

const NUMERIC = ["sample_rate", "daily_budget_usd", "run_cost_usd"] as const satisfies (keyof Rules)[];
type Numeric = (typeof NUMERIC)[number];

export const FIELDS = [
  "sample_rate",
  "capture",
  "when_unavailable",
  "daily_budget_usd",
  "run_cost_usd",
  "time_zone",
  "schedule",
  "production",
] as const satisfies (keyof Draft)[];

export type FieldName = (typeof FIELDS)[number];

export const draftOf = (rules: Rules): Draft => ({
  sample_rate: String(percentOf(rules.sample_rate)),
  capture: rules.capture,
  when_unavailable: rules.when_unavailable,
  production: rules.production,
  daily_budget_usd: rules.daily_budget_usd ?? "",
  run_cost_usd: rules.run_cost_usd ?? "",
  time_zone: rules.time_zone,
  schedule: rules.schedule,
});

/** Without the noise of binary fractions: 0.07 is 7 %, not 7.000000000000001 %. */
const percentOf = (rate: number): number => Number((rate * 100).toPrecision(12));

/** NaN for what is no percentage. */
export function percentIn(text: string): number {
  const percent = text.trim() === "" ? Number.NaN : Number(text);
  return percent >= 0 && percent <= 100 ? percent : Number.NaN;
}

const isNumeric = (name: FieldName) => NUMERIC.some((numeric) => numeric === name);

/** Whether both say the same: "100" dollars are "100.00". */
function isSame(name: FieldName, one: unknown, other: unknown): boolean {
  if (isNumeric(name) && one !== "" && other !== "") return Number(one) === Number(other);
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The fields that differ. */
export const differing = (one: Draft, other: Draft): FieldName[] =>
  FIELDS.filter((name) => !isSame(name, one[name], other[name]));

/** What is left of the edits when the rules below them are these: an edit that changes nothing is none. */
export function editsOn(base: Draft, edits: Partial<Draft>): Partial<Draft> {
  const left = FIELDS.filter((name) => name in edits && !isSame(name, base[name], edits[name]));
  return Object.fromEntries(left.map((name) => [name, edits[name]]));
}

/** The edits as the API wants them, and nothing else: fields that are not edited stay as anybody else sets them. */
export function patchOf(edits: Partial<Draft>): Partial<Rules> {
  const { sample_rate, daily_budget_usd, run_cost_usd, ...rest } = edits;
  return {
    ...rest,
    ...(sample_rate !== undefined && { sample_rate: percentIn(sample_rate) / 100 }),
    ...(daily_budget_usd !== undefined && { daily_budget_usd: daily_budget_usd.trim() || null }),
    ...(run_cost_usd !== undefined && { run_cost_usd: run_cost_usd.trim() || null }),
  };
}

/** A share of users as people say it: 3 of 10, 7 of 100, 1 of 1,000. */
export function peopleOf(percent: number): { count: number; of: number } {
  if (percent > 0 && percent < 1) return { count: 1, of: Math.round(100 / percent) };
  const of = percent % 10 === 0 ? 10 : 100;
  return { count: Math.round((percent * of) / 100), of };
}
