import { expect, test } from "vitest";
import { absoluteTime, clockTime, duration, relativeTime, versionName } from "./time.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const ago = (seconds: number) => relativeTime(now - seconds * 1_000, now);

test("the age of a change is told in its largest whole unit", () => {
  expect(ago(59)).toBe("just now");
  expect(ago(60)).toBe("1 minute ago");
  expect(ago(3_599)).toBe("59 minutes ago");
  expect(ago(7_200)).toBe("2 hours ago");
  expect(ago(86_400)).toBe("yesterday");
  expect(ago(40 * 86_400)).toBe("40 days ago");
});

test("an instant is told in full by the clock of whoever looks", () => {
  expect(absoluteTime(new Date(2026, 0, 9, 0, 5, 7).getTime())).toBe("Jan 9, 2026, 00:05:07");
  expect(absoluteTime(new Date(2026, 6, 31, 23, 59, 59).getTime())).toBe("Jul 31, 2026, 23:59:59");
});

test("a change from a clock ahead of this one is not in the future", () => {
  expect(ago(-5)).toBe("just now");
});

test("durations keep two significant figures or so", () => {
  expect(duration(41.7)).toBe("42 ms");
  expect(duration(1_340)).toBe("1.3 s");
  expect(duration(125_000)).toBe("2 min");
});

test("a coming instant is told by the day that people would name, in the zone that is asked for", () => {
  const at = (instant: string, zone = "UTC") => clockTime(Date.parse(instant), now, zone);
  expect(at("2026-03-01T22:00:00Z")).toBe("today 22:00");
  expect(at("2026-03-01T22:00:00Z", "Asia/Kolkata")).toBe("tomorrow 03:30");
  expect(at("2026-03-02T00:00:00Z")).toBe("tomorrow 00:00");
  expect(at("2026-03-05T06:00:00Z")).toBe("Thu 06:00");
  expect(at("2026-03-25T06:00:00Z")).toBe("Mar 25 06:00");
});

test("a version is named by the instant of its change, with the date of another day", () => {
  const noon = new Date(2026, 2, 1, 12, 0, 0).getTime();
  const morning = new Date(2026, 2, 1, 9, 5, 7, 42).getTime();
  expect(versionName(morning, noon)).toBe("09:05:07.042");
  expect(versionName(morning - 86_400_000, noon)).toBe("Feb 28, 09:05:07.042");
});
