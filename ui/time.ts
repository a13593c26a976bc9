import * as strings from "./strings.ts";

const DAY_MS = 86_400_000;
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** "3 minutes ago". An instant ahead of this machine's clock is a clock that is off, so it reads as "just now". */
export function relativeTime(then: number, now: number): string {
  const seconds = (now - then) / 1_000;
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit ? strings.ago(Math.floor(seconds / unit[1]), unit[0]) : strings.justNow;
}

/** "Mar 1, 2026, 14:05:09" */
export function absoluteTime(instant: number): string {
  const local = onTheClock(instant);
  return `${dayOfYear(local)}, ${local.getUTCFullYear()}, ${timeOfDay(local, "seconds")}`;
}

/** "today 14:05", "tomorrow 06:00", "Tue 06:00", "Dec 24 06:00"; in `timeZone`, else in the browser's own. */
export function clockTime(instant: number, now: number, timeZone?: string): string {
  const local = onTheClock(instant, timeZone);
  const days = dayNumber(local) - dayNumber(onTheClock(now, timeZone));
  const day =
    strings.nearDays[days + 1] ?? (days > 0 && days < 7 ? strings.weekdays[local.getUTCDay()] : dayOfYear(local));
  return `${day} ${timeOfDay(local, "minutes")}`;
}

/** A version is the instant of its change (epoch ms): "14:05:09.123", with the date unless it is today's. */
export function versionName(version: number, now = Date.now()): string {
  const local = onTheClock(version);
  const time = timeOfDay(local, "milliseconds");
  return dayNumber(local) === dayNumber(onTheClock(now)) ? time : `${dayOfYear(local)}, ${time}`;
}

/** "42 ms", "1.3 s", "2 min": short enough to compare at a glance. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/**
 * A date whose fields in UTC are what the clocks show at that instant. Without `Intl` where it can be done without: its first use
 * stops a page for as long as all the rest of the first view.
 */
function onTheClock(instant: number, timeZone?: string): Date {
  if (timeZone === undefined) return new Date(instant - new Date(instant).getTimezoneOffset() * 60_000);
  const shown = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "medium", timeZone }).format(instant);
  return new Date(`${shown.replace(" ", "T")}Z`);
}

const dayNumber = (local: Date): number => Math.floor(local.getTime() / DAY_MS);
const dayOfYear = (local: Date): string => strings.dayOfYear(local.getUTCMonth(), local.getUTCDate());

const LENGTHS = { minutes: 5, seconds: 8, milliseconds: 12 };
const timeOfDay = (local: Date, to: keyof typeof LENGTHS): string => local.toISOString().slice(11, 11 + LENGTHS[to]);
