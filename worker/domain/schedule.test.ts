import { expect, test } from "vitest";
import { type QuietWindow, quietIntervals, WEEKDAYS, type Weekday } from "./schedule.ts";

const short = (at: number) => new Date(at).toISOString().slice(0, 16);

/** The quiet intervals of the UTC day `date` and the one after it, as instants in UTC. */
function quiet(zone: string, date: string, windows: QuietWindow[]): string[][] {
  const from = Date.parse(`${date}T00:00Z`);
  return quietIntervals(windows, zone, from, from + 48 * 3_600_000).map((interval) => [
    short(interval.from),
    short(interval.until),
  ]);
}

const on = (day: Weekday, from: string, to: string): QuietWindow => ({ days: [day], from, to });
const daily = (from: string, to: string): QuietWindow => ({ days: [...WEEKDAYS], from, to });

test("a window is quiet on its days, by the wall clock of its zone", () => {
  expect(quiet("Asia/Kathmandu", "2026-01-05", [on("mon", "09:00", "12:30")])).toEqual([
    ["2026-01-05T03:15", "2026-01-05T06:45"],
  ]);
  expect(quiet("Asia/Kathmandu", "2026-01-05", [on("wed", "09:00", "12:30")])).toEqual([]);
});

test("no windows are never quiet", () => {
  expect(quiet("UTC", "2026-01-05", [])).toEqual([]);
});

test("a window over midnight belongs to the day on which it starts", () => {
  expect(quiet("UTC", "2026-01-05", [on("mon", "22:00", "06:00")])).toEqual([["2026-01-05T22:00", "2026-01-06T06:00"]]);
  expect(quiet("UTC", "2026-01-05", [on("sun", "22:00", "06:00")])).toEqual([["2026-01-04T22:00", "2026-01-05T06:00"]]);
});

test("a window that ends at 24:00 or 00:00 lasts until midnight, one that ends when it starts a whole day", () => {
  const evening = [["2026-01-05T22:00", "2026-01-06T00:00"]];
  expect(quiet("UTC", "2026-01-05", [on("mon", "22:00", "24:00")])).toEqual(evening);
  expect(quiet("UTC", "2026-01-05", [on("mon", "22:00", "00:00")])).toEqual(evening);
  expect(quiet("UTC", "2026-01-05", [on("mon", "08:00", "08:00")])).toEqual([["2026-01-05T08:00", "2026-01-06T08:00"]]);
});

test("a whole day is as long as the zone makes it", () => {
  const sunday = [on("sun", "00:00", "24:00")];
  expect(quiet("Europe/Zurich", "2026-03-29", sunday)).toEqual([["2026-03-28T23:00", "2026-03-29T22:00"]]);
  expect(quiet("Europe/Zurich", "2026-10-25", sunday)).toEqual([["2026-10-24T22:00", "2026-10-25T23:00"]]);
});

test("windows that touch or overlap are one interval, also over the end of the week", () => {
  expect(quiet("UTC", "2026-01-05", [on("mon", "12:00", "14:00"), on("mon", "10:00", "12:00")])).toEqual([
    ["2026-01-05T10:00", "2026-01-05T14:00"],
  ]);
  expect(quiet("UTC", "2026-01-05", [on("mon", "10:00", "20:00"), on("mon", "11:00", "12:00")])).toEqual([
    ["2026-01-05T10:00", "2026-01-05T20:00"],
  ]);
  expect(
    quiet("UTC", "2026-01-05", [on("mon", "00:00", "08:00"), on("sat", "18:00", "24:00"), on("sun", "00:00", "24:00")]),
  ).toEqual([["2026-01-03T18:00", "2026-01-05T08:00"]]);
});

test("an interval keeps its ends where they lie outside what was asked about", () => {
  const noon = Date.parse("2026-01-05T12:00Z");
  const windows: QuietWindow[] = [{ days: ["fri", "sat", "sun", "mon", "tue", "wed"], from: "00:00", to: "24:00" }];
  const interval = { from: Date.parse("2026-01-02T00:00Z"), until: Date.parse("2026-01-08T00:00Z") };
  expect(quietIntervals(windows, "UTC", noon, noon + 1)).toEqual([interval]);
  expect(quietIntervals(windows, "UTC", interval.until - 1, interval.until)).toEqual([interval]);
  expect(quietIntervals(windows, "UTC", interval.until, interval.until + 1)).toEqual([]);
});

test.each([
  ["seven whole days", [daily("00:00", "24:00")]],
  ["seven nights and days", [daily("22:00", "06:00"), daily("06:00", "22:00")]],
])("%s are always quiet: one interval, a week longer on both sides", (_, windows) => {
  const from = Date.parse("2026-03-28T00:00Z");
  const until = from + 48 * 3_600_000;
  const intervals = quietIntervals(windows, "Europe/Zurich", from, until);
  expect(intervals).toHaveLength(1);
  expect(intervals[0]?.from).toBeLessThan(from - 7 * 86_400_000);
  expect(intervals[0]?.until).toBeGreaterThan(until + 7 * 86_400_000);
});

test("in spring, what lies in the skipped hour is not there", () => {
  const spring = (from: string, to: string) => quiet("Europe/Zurich", "2026-03-29", [on("sun", from, to)]);
  expect(spring("02:00", "03:00")).toEqual([]);
  expect(spring("02:15", "02:45")).toEqual([]);
  expect(spring("01:30", "02:30")).toEqual([["2026-03-29T00:30", "2026-03-29T01:00"]]);
  expect(spring("02:30", "03:30")).toEqual([["2026-03-29T01:00", "2026-03-29T01:30"]]);
  expect(spring("01:00", "04:00")).toEqual([["2026-03-29T00:00", "2026-03-29T02:00"]]);
});

test("in autumn, a window in the repeated hour lasts through both", () => {
  const autumn = (from: string, to: string) => quiet("Europe/Zurich", "2026-10-25", [on("sun", from, to)]);
  expect(autumn("02:00", "03:00")).toEqual([["2026-10-25T00:00", "2026-10-25T02:00"]]);
  expect(autumn("02:15", "02:45")).toEqual([["2026-10-25T00:15", "2026-10-25T01:45"]]);
  expect(autumn("02:30", "04:00")).toEqual([["2026-10-25T00:30", "2026-10-25T03:00"]]);
  expect(autumn("03:00", "04:00")).toEqual([["2026-10-25T02:00", "2026-10-25T03:00"]]);
});

test("in autumn, a window that ends when the repeated hour begins ends there the first time", () => {
  expect(quiet("Europe/Zurich", "2026-10-24", [on("sun", "01:00", "02:00")])).toEqual([
    ["2026-10-24T23:00", "2026-10-25T00:00"],
  ]);
});

test("a night over the change of the clock is an hour shorter or longer", () => {
  const night = [on("sat", "22:00", "06:00")];
  expect(quiet("Europe/Zurich", "2026-03-28", night)).toEqual([["2026-03-28T21:00", "2026-03-29T04:00"]]);
  expect(quiet("Europe/Zurich", "2026-10-24", night)).toEqual([["2026-10-24T20:00", "2026-10-25T05:00"]]);
  expect(quiet("Europe/Zurich", "2026-10-24", [on("sat", "22:00", "02:30")])).toEqual([
    ["2026-10-24T20:00", "2026-10-25T01:30"],
  ]);
});

test("Lord Howe skips and repeats half an hour", () => {
  const sunday = [on("sun", "02:00", "02:30"), on("sun", "01:30", "01:45")];
  expect(quiet("Australia/Lord_Howe", "2026-10-03", sunday)).toEqual([["2026-10-03T15:00", "2026-10-03T15:15"]]);
  expect(quiet("Australia/Lord_Howe", "2026-04-04", sunday)).toEqual([
    ["2026-04-04T14:30", "2026-04-04T15:15"],
    ["2026-04-04T15:30", "2026-04-04T16:00"],
  ]);
});

test("where the clock changes at midnight, windows on both sides of it meet", () => {
  expect(quiet("Asia/Beirut", "2026-03-28", [on("sat", "23:00", "24:00")])).toEqual([
    ["2026-03-28T21:00", "2026-03-28T22:00"],
  ]);
  expect(quiet("Asia/Beirut", "2026-03-28", [on("sun", "00:00", "01:00")])).toEqual([]);
  expect(quiet("Asia/Beirut", "2026-03-28", [on("sat", "23:00", "01:00")])).toEqual([
    ["2026-03-28T21:00", "2026-03-28T22:00"],
  ]);
  expect(quiet("Africa/Cairo", "2026-10-29", [on("thu", "23:00", "24:00")])).toEqual([
    ["2026-10-29T20:00", "2026-10-29T22:00"],
  ]);
  expect(quiet("Africa/Cairo", "2026-10-29", [on("fri", "00:00", "01:00")])).toEqual([
    ["2026-10-29T22:00", "2026-10-29T23:00"],
  ]);
});

test("a skipped day has no quiet hours of its own, only what remains of a night that leads out of it", () => {
  expect(quiet("Pacific/Apia", "2011-12-30", [on("fri", "00:00", "24:00")])).toEqual([]);
  expect(quiet("Pacific/Apia", "2011-12-30", [on("fri", "22:00", "06:00")])).toEqual([
    ["2011-12-30T10:00", "2011-12-30T16:00"],
  ]);
  expect(quiet("Pacific/Apia", "2011-12-30", [on("thu", "22:00", "06:00")])).toEqual([
    ["2011-12-30T08:00", "2011-12-30T10:00"],
  ]);
});
