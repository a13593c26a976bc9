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

/** The buckets whose beginning is written below the chart: quarters of an hour, of a day (in the browser's zone), weeks. */
export function timeTicks(step: Step, ats: readonly number[]): number[] {
  const isTick = (at: number, index: number) => {
    if (step === "day") return (ats.length - 1 - index) % 7 === 0;
    const date = new Date(at);
    return step === "minute" ? date.getMinutes() % 15 === 0 : date.getHours() % 6 === 0;
  };
  return ats.filter(isTick);
}

const MOST_TICKS = 4;

/** Round numbers from 0 to at least `most`, evenly spaced. */
export function countTicks(most: number): number[] {
  const rough = Math.max(1, most / MOST_TICKS);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: ticks + 1 }, (_, index) => index * step);
}
