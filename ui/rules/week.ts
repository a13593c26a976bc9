import type { QuietWindow, Weekday } from "../api.ts";

export const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
export const DAY_MINUTES = 1_440;

/** A quiet stretch of one day of the week, Monday is 0; in minutes since its midnight. */
export interface Stretch {
  day: number;
  from: number;
  to: number;
}

/** Undefined for what is no time of a day. */
export function minutesOf(time: string): number | undefined {
  const [, hours, minutes] = /^(\d\d):([0-5]\d)$/.exec(time.trim()) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return total <= DAY_MINUTES ? total : undefined;
}

/** The windows as a week shows them: what crosses midnight is two stretches, what is not yet a time is left out. */
export function stretchesOf(windows: readonly QuietWindow[]): Stretch[] {
  return windows.flatMap(({ days, from, to }) => {
    const start = minutesOf(from);
    const end = minutesOf(to);
    if (start === undefined || end === undefined || start === DAY_MINUTES) return [];
    return days.flatMap((name) => {
      const day = WEEKDAYS.indexOf(name);
      if (end > start) return [{ day, from: start, to: end }];
      const tomorrow = { day: (day + 1) % 7, from: 0, to: end };
      return [{ day, from: start, to: DAY_MINUTES }, ...(end > 0 ? [tomorrow] : [])];
    });
  });
}

/** The window that covers all hours between two places in the picture of a week, both included. */
export function windowOver(one: { day: number; hour: number }, other: { day: number; hour: number }): QuietWindow {
  const time = (hour: number) => `${String(hour).padStart(2, "0")}:00`;
  return {
    days: WEEKDAYS.slice(Math.min(one.day, other.day), Math.max(one.day, other.day) + 1),
    from: time(Math.min(one.hour, other.hour)),
    to: time(Math.max(one.hour, other.hour) + 1),
  };
}
