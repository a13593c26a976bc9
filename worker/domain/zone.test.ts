import { expect, test } from "vitest";
import { isZone, localDay, offsetsIn, zoneNamed } from "./zone.ts";

const HOUR_MS = 3_600_000;
const day = (zone: string, at: string) => {
  const { date, from, until } = localDay(zone, Date.parse(at));
  return [date, new Date(from).toISOString().slice(0, 16), new Date(until).toISOString().slice(0, 16)];
};

test("a zone is known by its IANA name, in any case, and offered in its usual spelling", () => {
  expect(zoneNamed("Europe/Zurich")).toBe("Europe/Zurich");
  expect(zoneNamed("america/port-au-prince")).toBe("America/Port-au-Prince");
  expect(zoneNamed("utc")).toBe("UTC");
  expect(isZone("Asia/Calcutta")).toBe(true);
});

test.each(["+02:00", "-05", "GMT+2", "Z", "", " ", "Europe/Zürich", "Europe/Zurich ", "Mars/Base", "2026-01-01[UTC]"])(
  "%j is not a zone",
  (name) => {
    expect(isZone(name)).toBe(false);
  },
);

test("every zone that Intl names is known", () => {
  for (const zone of Intl.supportedValuesOf("timeZone")) expect(zoneNamed(zone.toLowerCase())).toBe(zone);
});

test("an offset changes when the zone's clock does", () => {
  const [from, until] = [Date.parse("2026-03-28T00:00Z"), Date.parse("2026-03-30T00:00Z")];
  expect(offsetsIn("Europe/Zurich", from, until).slice(0, 2)).toEqual([
    { from: Number.NEGATIVE_INFINITY, offsetMs: HOUR_MS },
    { from: Date.parse("2026-03-29T01:00Z"), offsetMs: 2 * HOUR_MS },
  ]);
  expect(offsetsIn("Asia/Kathmandu", from, until)).toEqual([
    { from: Number.NEGATIVE_INFINITY, offsetMs: 5.75 * HOUR_MS },
  ]);
});

test("a question about another year is answered for that year", () => {
  const offsetAt = (at: string) => offsetsIn("Asia/Pyongyang", Date.parse(at), Date.parse(at) + 1)[0]?.offsetMs;
  expect(offsetAt("2026-01-01T00:00Z")).toBe(9 * HOUR_MS);
  expect(offsetAt("2017-01-01T00:00Z")).toBe(8.5 * HOUR_MS);
  expect(offsetAt("2026-01-01T00:00Z")).toBe(9 * HOUR_MS);
});

test("a day lasts from its midnight to the next, 23 or 25 hours when the clock changes", () => {
  expect(day("UTC", "2026-02-28T23:59:59.999Z")).toEqual(["2026-02-28", "2026-02-28T00:00", "2026-03-01T00:00"]);
  expect(day("UTC", "2026-03-01T00:00:00.000Z")).toEqual(["2026-03-01", "2026-03-01T00:00", "2026-03-02T00:00"]);
  expect(day("Asia/Kathmandu", "2026-01-01T00:00Z")).toEqual(["2026-01-01", "2025-12-31T18:15", "2026-01-01T18:15"]);
  expect(day("Europe/Zurich", "2026-03-29T12:00Z")).toEqual(["2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"]);
  expect(day("Europe/Zurich", "2026-10-25T12:00Z")).toEqual(["2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"]);
});

test("a day without a midnight begins when the clock has skipped it", () => {
  expect(day("Asia/Beirut", "2026-03-28T22:00Z")).toEqual(["2026-03-29", "2026-03-28T22:00", "2026-03-29T21:00"]);
  expect(day("Asia/Beirut", "2026-03-28T21:59Z")).toEqual(["2026-03-28", "2026-03-27T22:00", "2026-03-28T22:00"]);
});

test("a day whose last hour is repeated ends after the second", () => {
  expect(day("Africa/Cairo", "2026-10-29T20:30Z")).toEqual(["2026-10-29", "2026-10-28T21:00", "2026-10-29T22:00"]);
  expect(day("Africa/Cairo", "2026-10-29T21:30Z")).toEqual(["2026-10-29", "2026-10-28T21:00", "2026-10-29T22:00"]);
  expect(day("Africa/Cairo", "2026-10-29T22:00Z")).toEqual(["2026-10-30", "2026-10-29T22:00", "2026-10-30T22:00"]);
});

test("the day after the 29th was the 31st when Samoa skipped one", () => {
  expect(day("Pacific/Apia", "2011-12-30T09:59Z")).toEqual(["2011-12-29", "2011-12-29T10:00", "2011-12-30T10:00"]);
  expect(day("Pacific/Apia", "2011-12-30T10:00Z")).toEqual(["2011-12-31", "2011-12-30T10:00", "2011-12-31T10:00"]);
});

test("a day that has begun does not end when the clock is set back over its midnight", () => {
  // 00:01 became 23:01 of the day before.
  const sunday = ["2010-11-07", "2010-11-07T02:30", "2010-11-08T03:30"];
  for (const at of ["2010-11-07T02:30Z", "2010-11-07T02:31Z", "2010-11-07T03:29Z", "2010-11-07T03:30Z"]) {
    expect(day("America/St_Johns", at)).toEqual(sunday);
  }
});
