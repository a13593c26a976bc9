import { expect, test } from "vitest";
import { filterIn, instantOf, NO_FILTER, searchOf, typedOf } from "./filter.ts";

test("a filter stands in the address and is read from it again", () => {
  const filter = { actor: "Ada & co", action: "rules.changed", since: "2026-11-23T19:00:00.000Z", until: "" };
  expect(filterIn(searchOf(filter))).toEqual(filter);
  expect(searchOf(NO_FILTER)).toBe("");
  expect(filterIn("")).toEqual(NO_FILTER);
});

test("what makes no sense in an address is left out", () => {
  expect(filterIn("?action=DROP%20TABLE&since=yesterday&until=&other=1")).toEqual(NO_FILTER);
});

test("a time is typed in the browser's zone, and stays what it is", () => {
  const typed = "2026-11-23T20:14";
  expect(Date.parse(instantOf(typed))).toBe(new Date(2026, 10, 23, 20, 14).getTime());
  expect(typedOf(instantOf(typed))).toBe(typed);
  expect(instantOf("")).toBe("");
  expect(typedOf("")).toBe("");
});
