import { expect, test } from "vitest";
import { areaAfter, minutesOf, stretchesOf, windowOver } from "./week.ts";

test("a window within a day is one stretch for each of its days", () => {
  expect(stretchesOf([{ days: ["mon", "wed"], from: "12:00", to: "13:30" }])).toEqual([
    { day: 0, from: 720, to: 810 },
    { day: 2, from: 720, to: 810 },
  ]);
});

test("a window over midnight goes on the next day, from Sunday into Monday", () => {
  expect(stretchesOf([{ days: ["sun"], from: "22:00", to: "06:00" }])).toEqual([
    { day: 6, from: 1_320, to: 1_440 },
    { day: 0, from: 0, to: 360 },
  ]);
});

test("a whole day has no rest on the next", () => {
  expect(stretchesOf([{ days: ["sat"], from: "00:00", to: "24:00" }])).toEqual([{ day: 5, from: 0, to: 1_440 }]);
  expect(stretchesOf([{ days: ["sat"], from: "00:00", to: "00:00" }])).toEqual([{ day: 5, from: 0, to: 1_440 }]);
});

test("what is not yet a time paints nothing", () => {
  expect(minutesOf("2:00")).toBeUndefined();
  expect(minutesOf("25:00")).toBeUndefined();
  expect(stretchesOf([{ days: ["mon"], from: "22:0", to: "06:00" }])).toEqual([]);
});

test("what is painted over the week is one window, from whichever corner", () => {
  const window = { days: ["tue", "wed", "thu"], from: "20:00", to: "24:00" };
  expect(windowOver({ from: { day: 1, hour: 20 }, to: { day: 3, hour: 23 } })).toEqual(window);
  expect(windowOver({ from: { day: 3, hour: 23 }, to: { day: 1, hour: 20 } })).toEqual(window);
});

test("arrow keys go through the week and stay in it; with Shift they stretch what is marked", () => {
  const last = { day: 6, hour: 23 };
  const corner = { from: last, to: last };
  expect(areaAfter("ArrowRight", corner, false)).toEqual(corner);
  expect(areaAfter("ArrowDown", corner, false)).toEqual(corner);
  const above = { day: 5, hour: 23 };
  expect(areaAfter("ArrowUp", corner, false)).toEqual({ from: above, to: above });
  expect(areaAfter("ArrowUp", corner, true)).toEqual({ from: last, to: above });
  expect(areaAfter("a", corner, false)).toBeUndefined();
});
