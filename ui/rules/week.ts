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

/** An hour in the picture of a week. */
export interface Place {
  day: number;
  hour: number;
}

/** The hours between two places, both included. */
export interface Area {
  from: Place;
  to: Place;
}

const ARROWS: Record<string, Place> = {
  ArrowLeft: { day: 0, hour: -1 },
  ArrowRight: { day: 0, hour: 1 },
  ArrowUp: { day: -1, hour: 0 },
  ArrowDown: { day: 1, hour: 0 },
};

/** The hour that an arrow key leads to, or the hours that it stretches the area to; undefined for another key. */
export function areaAfter(key: string, { from, to }: Area, stretches: boolean): Area | undefined {
  const step = ARROWS[key];
  if (step === undefined) return undefined;
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  const next = { day: within(to.day + step.day, 7), hour: within(to.hour + step.hour, 24) };
  return { from: stretches ? from : next, to: next };
}

/** The window that covers an area of the picture. */
export function windowOver({ from: one, to: other }: Area): QuietWindow {
  const time = (hour: number) => `${String(hour).padStart(2, "0")}:00`;
  return {
    days: WEEKDAYS.slice(Math.min(one.day, other.day), Math.max(one.day, other.day) + 1),
    from: time(Math.min(one.hour, other.hour)),
    to: time(Math.max(one.hour, other.hour) + 1),
  };
}
