import { expect, test } from "vitest";
import type { Marked } from "./activity-api.ts";
import { countScale, countTicks, money, tickLabel, timeOf, timeTicks } from "./axis.ts";
import { markersOf } from "./markers.ts";
import { rangeIn } from "./range.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test("the counts at the side are round, whole, few, and reach over the highest column", () => {
  const ticksFor = (highest: number) => countTicks(countScale(highest, 230));
  expect(ticksFor(0)).toEqual([0, 1]);
  expect(ticksFor(1)).toEqual([0, 1]);
  expect(ticksFor(3)).toEqual([0, 1, 2, 3]);
  expect(ticksFor(7)).toEqual([0, 2, 4, 6, 8]);
  expect(ticksFor(100)).toEqual([0, 50, 100]);
  expect(ticksFor(101)).toEqual([0, 50, 100, 150]);
  for (let highest = 1; highest < 1e7; highest = Math.ceil(highest * 1.37)) {
    const ticks = ticksFor(highest);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(highest);
    expect(countScale(highest, 230)(ticks.at(-1) ?? 0)).toBe(230);
    expect(ticks.length).toBeLessThanOrEqual(5);
  }
});

test("times are written at quarters of the hour, at quarters of the day, and each week, but not at the end", () => {
  const noon = new Date(2026, 10, 23, 12).getTime();
  const local = (from: number, until: number, step: "minute" | "hour") =>
    timeTicks(step, from, until).map((at) => tickLabel(step, at));
  expect(local(noon - 31 * MINUTE, noon + 29 * MINUTE, "minute")).toEqual(["11:30", "11:45", "12:00", "12:15"]);
  expect(local(noon - HOUR, noon, "minute")).toEqual(["11:00", "11:15", "11:30", "11:45"]);
  expect(local(noon - 23 * HOUR, noon + HOUR, "hour")).toEqual(["18:00", "00:00", "06:00", "12:00"]);
  const today = Date.parse("2026-11-23T00:00:00Z");
  const weeks = timeTicks("day", today - 29 * DAY, today + DAY);
  expect(weeks.every((at) => at % DAY === 0)).toBe(true);
  expect(weeks.map((at) => tickLabel("day", at))).toEqual(["Oct 25", "Nov 1", "Nov 8", "Nov 15", "Nov 22"]);
});

test("a day is the day of UTC that it counts, wherever the browser is", () => {
  expect(timeOf("day", Date.parse("2026-11-23T00:00:00Z"))).toBe("Nov 23");
});

test("changes that would overlap are marked once, with all that happened", () => {
  const change = (at: number) => ({ id: String(at), at: new Date(at).toISOString() }) as Marked;
  const markers = markersOf([60, 0, 10, 25, 26].map(change), (at) => at, 26);
  expect(markers.map(({ x, events }) => [x, ...events.map(({ id }) => id)])).toEqual([
    [0, "0", "10", "25"],
    [26, "26"],
    [60, "60"],
  ]);
});

test("the range stands in the address; what is none is the last hour", () => {
  expect(rangeIn("?range=30d")).toBe("30d");
  expect(rangeIn("?a=1&range=24h")).toBe("24h");
  for (const search of ["", "?range=", "?range=2h", "?range=toString"]) expect(rangeIn(search)).toBe("1h");
});

test("an amount has cents, and more digits only below a dollar", () => {
  expect(["0.00", "1.20", "2.116838", "12345.678"].map(money)).toEqual(["0.00", "1.20", "2.12", "12,345.68"]);
  expect(["0.5", "0.0125", "0.001481", "0.00001"].map(money)).toEqual(["0.50", "0.0125", "0.00148", "0.00001"]);
});
