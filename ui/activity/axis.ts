import { type ScaleLinear, scaleLinear } from "d3-scale";
import { timeTicks as localTicks, utcTicks } from "d3-time";
import * as strings from "../strings.ts";
import type { Step } from "./range.ts";

const clock = new Intl.DateTimeFormat(strings.locale, { timeStyle: "short", hourCycle: "h23" });
const hour = new Intl.DateTimeFormat(strings.locale, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
// Buckets of a day are days of UTC, whatever zone the browser is in.
const day = new Intl.DateTimeFormat(strings.locale, { month: "short", day: "numeric", timeZone: "UTC" });
const compact = new Intl.NumberFormat(strings.locale, { notation: "compact" });
const whole = new Intl.NumberFormat(strings.locale);

const cents = new Intl.NumberFormat(strings.locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const fewDigits = new Intl.NumberFormat(strings.locale, { maximumSignificantDigits: 3 });

/** An amount as the API has it, with as many digits as tell something. */
export function money(usd: string): string {
  const amount = Number(usd);
  const isTold = amount >= 1 || Number(amount.toFixed(2)) === amount;
  return (isTold ? cents : fewDigits).format(amount);
}

export const compactCount = (count: number): string => compact.format(count);
export const fullCount = (count: number): string => whole.format(count);

/** When a bucket begins. */
export const timeOf = (step: Step, at: number): string => ({ minute: clock, hour, day })[step].format(at);

/** The same below the chart, where there is little room. */
export const tickLabel = (step: Step, at: number): string => (step === "day" ? day : clock).format(at);

const TIME_TICKS = 4;
const COUNT_TICKS = 3;

/** Round times of a range without its end, about as many as there is room for: days are days of UTC, as the buckets are. */
export const timeTicks = (step: Step, from: number, until: number): number[] =>
  (step === "day" ? utcTicks : localTicks)(new Date(from), new Date(until - 1), TIME_TICKS).map(Number);

/** How high counts are drawn, where the round number that reaches over the highest is `height` high. */
export const countScale = (highest: number, height: number): ScaleLinear<number, number> =>
  scaleLinear([0, Math.max(1, highest)], [0, height]).nice(COUNT_TICKS);

/** Round counts from 0 to the top. */
export const countTicks = (scale: ScaleLinear<number, number>): number[] =>
  scale.ticks(COUNT_TICKS).filter(Number.isInteger);
