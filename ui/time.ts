import * as strings from "./strings.ts";

const relative = new Intl.RelativeTimeFormat(strings.locale, { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(strings.locale, { dateStyle: "medium", timeStyle: "medium" });

const DAY_MS = 86_400_000;
const UNITS: [Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 minutes ago". An instant ahead of this machine's clock is a clock that is off, so it reads as "just now". */
export function relativeTime(then: number, now: number): string {
  const seconds = (now - then) / 1_000;
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit ? relative.format(-Math.floor(seconds / unit[1]), unit[0]) : strings.justNow;
}

export const absoluteTime = (instant: number): string => absolute.format(instant);

/** "today 14:05", "tomorrow 06:00", "Tue 06:00", "Dec 24, 06:00"; in `timeZone`, else in the browser's own. */
export function clockTime(instant: number, now: number, timeZone?: string): string {
  const days = (localDay(instant, timeZone) - localDay(now, timeZone)) / DAY_MS;
  const time = new Intl.DateTimeFormat(strings.locale, { timeStyle: "short", hourCycle: "h23", timeZone }).format(
    instant,
  );
  if (Math.abs(days) <= 1) return `${relative.format(days, "day")} ${time}`;
  const date: Intl.DateTimeFormatOptions =
    days > 0 && days < 7 ? { weekday: "short" } : { month: "short", day: "numeric" };
  return `${new Intl.DateTimeFormat(strings.locale, { ...date, timeZone }).format(instant)} ${time}`;
}

/** The date there as a number of ms, to count days with. */
const localDay = (instant: number, timeZone?: string): number =>
  Date.parse(new Intl.DateTimeFormat("en-CA", { timeZone }).format(instant));

/** A version is the instant of its change (epoch ms): "14:05:09.123", with the date unless it is today's. */
export function versionName(version: number, now = Date.now()): string {
  const date: Intl.DateTimeFormatOptions =
    localDay(version) === localDay(now) ? {} : { month: "short", day: "numeric" };
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 } as const;
  return new Intl.DateTimeFormat(strings.locale, { ...date, ...time, hourCycle: "h23" }).format(version);
}

/** "42 ms", "1.3 s", "2 min": short enough to compare at a glance. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}
