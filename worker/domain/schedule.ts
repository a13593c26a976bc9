import { firstInstant, lastInstant, offsetsIn } from "./zone.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WEEK_MS = 7 * DAY_MS;
/** The Monday before 1970. */
const MONDAY_MS = -3 * DAY_MS;
/** A week, and a day for the difference between local time and UTC. */
const BEYOND_MS = 8 * DAY_MS;

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/**
 * Quiet hours on some days of the week, by the wall clock.
 *
 * A window of a date runs from the first instant at which the clock reads `from` or later until the last at which it reads
 * earlier than `to`: it is empty inside the hour that a change to summer time skips, and lasts through both inside the
 * hour that is repeated.
 */
export interface QuietWindow {
  days: Weekday[];
  /** HH:MM */
  from: string;
  /** HH:MM, up to "24:00". Not later than `from`: on the next day, and the window belongs to the day on which it starts. */
  to: string;
}

/** Epoch ms, half-open. */
export interface Interval {
  from: number;
  until: number;
}

/**
 * The quiet intervals that overlap [from, until) (epoch ms): sorted, and apart from each other.
 *
 * They are whole, also where they reach beyond `from` or `until`: windows are laid out for at least a week beyond both. Only
 * what is quiet for longer than that, such as a schedule without any gap, ends there instead of later or never.
 *
 * @param windows valid ones
 * @param zone a name that `isZone` accepts
 */
export function quietIntervals(windows: readonly QuietWindow[], zone: string, from: number, until: number): Interval[] {
  const week = weekly(windows);
  const begin = mondayBefore(from - BEYOND_MS);
  const end = mondayBefore(until + BEYOND_MS) + WEEK_MS;
  const offsets = offsetsIn(zone, begin - DAY_MS, end + 2 * DAY_MS);
  const quiet: Interval[] = [];
  for (let monday = begin; monday < end; monday += WEEK_MS) {
    for (const wall of week) {
      append(quiet, firstInstant(offsets, monday + wall.from), lastInstant(offsets, monday + wall.until));
    }
  }
  return quiet.filter((interval) => interval.from < until && from < interval.until);
}

const mondayBefore = (wallMs: number) => Math.floor((wallMs - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;

/** The windows of one week in ms since its Monday, sorted and joined. */
function weekly(windows: readonly QuietWindow[]): Interval[] {
  const spread = windows.flatMap((window) => {
    const from = timeOfDay(window.from);
    const to = timeOfDay(window.to);
    const until = to > from ? to : to + DAY_MS;
    return window.days
      .map((day) => WEEKDAYS.indexOf(day) * DAY_MS)
      .map((day) => ({ from: day + from, until: day + until }));
  });
  const week: Interval[] = [];
  // Joined on the wall clock already: windows that touch there also touch in time, whatever the zone does in between.
  for (const { from, until } of spread.sort((a, b) => a.from - b.from)) append(week, from, until);
  return week;
}

const timeOfDay = (time: string) => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * MINUTE_MS;

/** Adds an interval that begins no earlier than the others do. */
function append(intervals: Interval[], from: number, until: number): void {
  if (until <= from) return;
  const last = intervals.at(-1);
  if (last && from <= last.until) last.until = Math.max(last.until, until);
  else intervals.push({ from, until });
}
