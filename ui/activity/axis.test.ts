import { expect, test } from "vitest";
import type { Marked } from "./activity-api.ts";
import { countTicks, money, tickLabel, timeOf, timeTicks } from "./axis.ts";
import { markersOf } from "./markers.ts";
import { rangeIn } from "./range.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const every = (from: number, step: number, count: number) => Array.from({ length: count }, (_, i) => from + i * step);

test("the counts at the side are round, whole, few, and reach over the highest column", () => {
  expect(countTicks(0)).toEqual([0, 1]);
  expect(countTicks(1)).toEqual([0, 1]);
  expect(countTicks(3)).toEqual([0, 1, 2, 3]);
  expect(countTicks(7)).toEqual([0, 2, 4, 6, 8]);
  expect(countTicks(100)).toEqual([0, 50, 100]);
  expect(countTicks(101)).toEqual([0, 50, 100, 150]);
  for (let most = 1; most < 1e7; most = Math.ceil(most * 1.37)) {
    const ticks = countTicks(most);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
    expect(ticks.length).toBeLessThanOrEqual(5);
    expect(ticks.every(Number.isInteger)).toBe(true);
  }
});

test("times are written at quarters of the hour, at quarters of the day, and each week back from today", () => {
  const noon = new Date(2026, 10, 23, 12).getTime();
  const local = (ats: number[]) => ats.map((at) => tickLabel("minute", at));
  expect(local(timeTicks("minute", every(noon - 31 * MINUTE, MINUTE, 61)))).toEqual([
    "11:30",
    "11:45",
    "12:00",
    "12:15",
  ]);
  expect(local(timeTicks("hour", every(noon - 24 * HOUR, HOUR, 25)))).toEqual([
    "12:00",
    "18:00",
    "00:00",
    "06:00",
    "12:00",
  ]);
  const days = every(Date.parse("2026-10-24T00:00:00Z"), 24 * HOUR, 31);
  expect(timeTicks("day", days).map((at) => tickLabel("day", at))).toEqual([
    "Oct 26",
    "Nov 2",
    "Nov 9",
    "Nov 16",
    "Nov 23",
  ]);
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
