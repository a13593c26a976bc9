import fc from "fast-check";
import { expect, test } from "vitest";
import { DOLLARS, dollarsOf, microsOf } from "./money.ts";

test.each([
  ["0", 0],
  ["0.000001", 1],
  ["0.29", 290_000],
  ["1.1", 1_100_000],
  ["100.00", 100_000_000],
  ["007", 7_000_000],
  ["999999999.999999", 999_999_999_999_999],
])("%s dollars are %i millionths", (dollars, micros) => {
  expect(dollars).toMatch(DOLLARS);
  expect(microsOf(dollars)).toBe(micros);
});

test.each([
  [0, "0.00"],
  [1, "0.000001"],
  [100_000, "0.10"],
  [1_250, "0.00125"],
  [99_999_999, "99.999999"],
  [100_000_000, "100.00"],
  [Number.MAX_SAFE_INTEGER, "9007199254.740991"],
])("%i millionths are shown as %s dollars", (micros, dollars) => {
  expect(dollarsOf(micros)).toBe(dollars);
});

test("any sum that the API takes is shown as what it is", () => {
  const whole = fc.integer({ min: 0, max: 999_999_999 });
  const near = fc
    .tuple(whole, fc.constantFrom(-1, 0, 1))
    .map(([dollars, micros]) => Math.max(0, dollars * 1e6 + micros));
  fc.assert(
    fc.property(fc.oneof(near, fc.integer({ min: 0, max: 999_999_999_999_999 })), (micros) => {
      const dollars = dollarsOf(micros);
      expect(dollars).toMatch(DOLLARS);
      expect(microsOf(dollars)).toBe(micros);
    }),
    { numRuns: 1_000 },
  );
});

test.each(["", ".5", "5.", "-1", "+1", "1e3", "1,000", " 1", "0.0000001", "1000000000", "NaN", "१", "1.0\n"])(
  "%o is not an amount",
  (text) => {
    expect(text).not.toMatch(DOLLARS);
  },
);
