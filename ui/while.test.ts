import { expect, test } from "vitest";
import { nextMorning } from "./while.ts";

test("until tomorrow is eight in the morning of the next day, late in the evening and early in the night", () => {
  const eight = new Date(2026, 10, 24, 8).getTime();
  expect(nextMorning(new Date(2026, 10, 23, 23, 59).getTime())).toBe(eight);
  expect(nextMorning(new Date(2026, 10, 23, 0, 1).getTime())).toBe(eight);
});
