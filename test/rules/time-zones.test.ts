// Quiet hours and local days beside a second computation that knows nothing of Temporal or of offsets: it reads the wall
// clock of every minute from Intl, and goes by the definition of a window.
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { type Interval, type QuietWindow, quietIntervals, WEEKDAYS } from "../../worker/domain/schedule.ts";
import { localDay } from "../../worker/domain/zone.ts";

const MINUTE_MS = 60_000;
const DAY = 24 * 60;

/** Reads the wall clock of a zone: for epoch minutes, the minutes since 1970-01-01T00:00 on that clock. */
function clockOf(timeZone: string): (minute: number) => number {
  const two = "2-digit";
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: two,
    day: two,
    hour: two,
    minute: two,
  });
  return (minute) => {
    const text = format.format(minute * MINUTE_MS); // 03/29/2026, 02:30
    const at = (from: number, to: number) => Number(text.slice(from, to));
    return Date.UTC(at(6, 10), at(0, 2) - 1, at(3, 5), at(12, 14), at(15, 17)) / MINUTE_MS;
  };
}

/** The wall clock at each minute of [from, until), epoch minutes. */
function readings(clock: (minute: number) => number, from: number, until: number): Float64Array {
  const wall = new Float64Array(until - from);
  const STEP = 60;
  let before = clock(from);
  for (let minute = from; minute < until; minute += STEP) {
    const after = clock(minute + STEP);
    for (let i = 0; i < STEP && minute + i < until; i++) {
      // A clock that has gone on by an hour in an hour has not been set in between.
      wall[minute + i - from] = after - before === STEP ? before + i : clock(minute + i);
    }
    before = after;
  }
  return wall;
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
/** 1970-01-01 was a Thursday. */
const weekdayOf = (date: number) => WEEKDAYS[(((date + 3) % 7) + 7) % 7];

/** The index of the first element that is at least `value`, in what never falls. */
function search(rising: Float64Array, value: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** For every reading of a wall clock, 1 if it is quiet. */
function quietMinutes(wall: Float64Array): (windows: QuietWindow[]) => Uint8Array {
  // The first minute that reads x or later is the first up to which the latest reading is x or later; the last that reads
  // earlier than x is the last from which on the earliest one is earlier than x.
  const latestYet = wall.slice();
  for (let i = 1; i < wall.length; i++) latestYet[i] = Math.max(latestYet[i] as number, latestYet[i - 1] as number);
  const earliestYetToCome = wall.slice();
  for (let i = wall.length - 2; i >= 0; i--) {
    earliestYetToCome[i] = Math.min(earliestYetToCome[i] as number, earliestYetToCome[i + 1] as number);
  }
  const firstDate = Math.floor((earliestYetToCome[0] as number) / DAY) - 2;
  const lastDate = Math.floor((latestYet.at(-1) as number) / DAY);
  return (windows) => {
    const quiet = new Uint8Array(wall.length);
    for (let date = firstDate; date <= lastDate; date++) {
      for (const { days, from, to } of windows) {
        if (!days.some((day) => day === weekdayOf(date))) continue;
        const begin = date * DAY + minutesOf(from);
        const end = date * DAY + minutesOf(to) + (minutesOf(to) <= minutesOf(from) ? DAY : 0);
        quiet.fill(1, search(latestYet, begin), search(earliestYetToCome, end));
      }
    }
    return quiet;
  };
}

/** For every minute of [from, until), epoch minutes, 1 if the product says that it is quiet. */
function productMinutes(
  windows: QuietWindow[],
  zone: string,
  from: number,
  until: number,
  askedAtOnce: number,
): Uint8Array {
  const quiet = new Uint8Array(until - from);
  let last: Interval | undefined;
  for (let asked = from; asked < until; asked += askedAtOnce) {
    const end = Math.min(asked + askedAtOnce, until);
    for (const interval of quietIntervals(windows, zone, asked * MINUTE_MS, end * MINUTE_MS)) {
      const [first, afterLast] = [interval.from / MINUTE_MS, interval.until / MINUTE_MS];
      if (!Number.isInteger(first) || !Number.isInteger(afterLast)) throw new Error(`${zone}: ends within a minute`);
      // What reaches over the end of one question is the same interval in the next one's answer.
      if (last && interval.from <= last.until) expect(interval, zone).toEqual(last);
      last = interval;
      quiet.fill(1, Math.max(first, asked) - from, Math.min(afterLast, end) - from);
    }
  }
  return quiet;
}

/** Days since 1970-01-01, of a wall clock and of what the product calls the date. */
const dateOf = (wall: number) => Math.floor(wall / DAY);
const dateNumber = (date: string) => Date.parse(`${date}T00:00Z`) / MINUTE_MS / DAY;
const instant = (minute: number) => new Date(minute * MINUTE_MS).toISOString();

/** Where two computations differ: the first minutes, for a message that helps. */
function differences(a: Uint8Array, b: Uint8Array, from: number): string[] {
  if (Buffer.compare(a, b) === 0) return [];
  const at = [...a.keys()].filter((i) => a[i] !== b[i]);
  return at.slice(0, 5).map((i) => `${instant(from + i)} Intl: ${a[i]}, product: ${b[i]} (${at.length} in all)`);
}

const compared = { minutes: 0, dates: 0, changes: 0, zones: new Set<string>() };
afterAll(() => {
  const { minutes, dates, changes, zones } = compared;
  const number = (n: number) => n.toLocaleString("en-US");
  console.log(
    `time zones: ${number(minutes)} minutes of schedules and ${number(dates)} of local dates compared with Intl, in ` +
      `${zones.size} zones, ${number(changes)} changes of the clock`,
  );
});

const daily = (from: string, to: string): QuietWindow => ({ days: [...WEEKDAYS], from, to });
const SCHEDULES: Record<string, QuietWindow[]> = {
  "every night": [daily("22:00", "06:00")],
  "every noon, to the minute": [daily("11:59", "13:01")],
  "the hours in which clocks change": [daily("00:00", "00:30"), daily("01:15", "01:45"), daily("02:10", "03:00")],
  "the last minute of the day": [daily("23:59", "24:00")],
  "the first hour of the day": [daily("00:00", "01:00")],
  "the weekend": [
    { days: ["fri"], from: "18:00", to: "24:00" },
    { days: ["sat", "sun"], from: "00:00", to: "24:00" },
  ],
  "a day from two to two": [{ days: ["sun", "wed"], from: "02:00", to: "02:00" }],
  "21 windows": Array.from({ length: 21 }, (_, i) => {
    const hour = String(i).padStart(2, "0");
    return { days: WEEKDAYS.filter((_, day) => (day + i) % 3 > 0), from: `${hour}:${10 + i}`, to: `${hour}:${30 + i}` };
  }),
};

const ODD_ZONES: [zone: string, year: number][] = [
  ["Africa/Cairo", 2026],
  ["Africa/Casablanca", 2026],
  ["Africa/El_Aaiun", 2026],
  ["America/Havana", 2026],
  ["America/Nuuk", 2026],
  ["America/St_Johns", 2026],
  ["Antarctica/Troll", 2026],
  ["Asia/Beirut", 2026],
  ["Asia/Kathmandu", 2026],
  ["Asia/Kolkata", 2026],
  ["Asia/Tehran", 2022],
  ["Australia/Eucla", 2026],
  ["Australia/Lord_Howe", 2026],
  ["Europe/Dublin", 2026],
  ["Pacific/Apia", 2011],
  ["Pacific/Chatham", 2026],
];

test.each(ODD_ZONES)(
  "in %s, quiet hours and dates of %i are those of its wall clock, at every minute",
  (zone, year) => {
    const [from, until] = [Date.UTC(year, 0) / MINUTE_MS, Date.UTC(year + 1, 0) / MINUTE_MS];
    // A window that is in force at the ends of the year has begun before or ends after.
    const margin = 3 * DAY;
    const wall = readings(clockOf(zone), from - margin, until + margin);
    const quiet = quietMinutes(wall);
    for (const [name, windows] of Object.entries(SCHEDULES)) {
      const expected = quiet(windows).subarray(margin, -margin);
      const actual = productMinutes(windows, zone, from, until, 2 * DAY);
      expect(differences(expected, actual, from), name).toEqual([]);
      compared.minutes += expected.length;
    }

    for (let minute = from; minute < until; ) {
      const day = localDay(zone, minute * MINUTE_MS);
      const end = Math.min(day.until / MINUTE_MS, until);
      const date = dateNumber(day.date);
      for (; minute < end; minute++) {
        if (dateOf(wall[minute - from + margin] as number) !== date)
          expect.fail(`${instant(minute)} is not ${day.date}`);
        compared.dates++;
      }
      expect(localDay(zone, minute * MINUTE_MS - 1), instant(minute)).toEqual(day);
    }
    compared.zones.add(zone);
  },
);

/** The minutes of [from, until) at which a zone's clock is set: found where it has not gone on by a day in a day. */
function changesOf(clock: (minute: number) => number, from: number, until: number): number[] {
  const changes: number[] = [];
  for (let day = from; day < until; day += DAY) {
    let [low, high] = [day, day + DAY];
    const offset = clock(low) - low;
    if (clock(high) - high === offset) continue;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (clock(middle) - middle === offset) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}

const HOURS = 3 * 60;
const clockTime = (minutes: number) =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");

/** Windows whose ends lie around what a wall clock reads, some of them exactly where it is set. */
function windowsAround(wall: Float64Array, changed: number) {
  const [low, high] = [Math.min(...wall) - 30, Math.max(...wall) + 30];
  const marks = [wall[changed] as number, (wall[changed - 1] as number) + 1];
  const reading = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: low, max: high }) },
    { weight: 1, arbitrary: fc.constantFrom(...marks) },
  );
  return fc.array(
    fc.record({ begin: reading, end: reading, others: fc.subarray([...WEEKDAYS]) }).map(({ begin, end, others }) => {
      const day = weekdayOf(Math.floor(begin / DAY));
      return {
        days: WEEKDAYS.filter((name) => name === day || others.includes(name)),
        from: clockTime(begin % DAY),
        to: end % DAY === 0 ? "24:00" : clockTime(end % DAY),
      };
    }),
    { minLength: 1, maxLength: 4 },
  );
}

test("in every zone that Intl knows, quiet hours and dates are those of its wall clock, 3 hours before and after each change in " +
  "2026 and 2027", () => {
  const [begin, end] = [Date.UTC(2026, 0) / MINUTE_MS, Date.UTC(2028, 0) / MINUTE_MS];
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    const clock = clockOf(zone);
    for (const change of changesOf(clock, begin, end)) {
      const from = change - HOURS;
      const wall = readings(clock, from, change + HOURS);
      const quiet = quietMinutes(wall);
      fc.assert(
        fc.property(windowsAround(wall, HOURS), (windows) => {
          const actual = productMinutes(windows, zone, from, change + HOURS, 2 * HOURS);
          const different = differences(quiet(windows), actual, from);
          if (different.length > 0) throw new Error(`${zone}: ${different.join("\n")}`);
          compared.minutes += wall.length;
        }),
        { numRuns: 30 },
      );
      for (const [i, reading] of wall.entries()) {
        const { date } = localDay(zone, (from + i) * MINUTE_MS);
        if (dateNumber(date) !== dateOf(reading)) expect.fail(`${zone} ${instant(from + i)}`);
        compared.dates++;
      }
      compared.changes++;
    }
    compared.zones.add(zone);
  }
  expect(compared.changes).toBeGreaterThan(400);
}, 60_000);
