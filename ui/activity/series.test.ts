import { expect, test } from "vitest";
import { type Column, columnOf, isEmpty, presentIn, stackOf } from "./series.ts";
import { shareOf, summaryOf } from "./shares.ts";

const bucket = (reasons: Record<string, number>, cost_usd = "0.00") => ({
  at: "2026-11-23T12:00:00.000Z",
  traced: reasons.enabled ?? 0,
  skipped: (reasons.disabled ?? 0) + (reasons.override ?? 0),
  undetermined: (reasons.unavailable ?? 0) + (reasons.user_override ?? 0),
  fail_opens: reasons.unavailable ?? 0,
  reasons,
  cost_usd,
});

test("reasons that mean the same are one band, and every decision is in one", () => {
  const reasons = {
    enabled: 1,
    sampled: 2,
    not_sampled: 4,
    disabled: 8,
    override: 16,
    schedule: 32,
    budget: 64,
    locked: 128,
    break_glass: 256,
    deleted: 512,
    user_override: 1_024,
    unavailable: 2_048,
    pending: 4_096,
    unknown_project: 8_192,
    other: 16_384,
    "a reason of tomorrow": 32_768,
  };
  const { counts } = columnOf(bucket(reasons));
  expect(counts).toEqual({
    traced: 3,
    not_sampled: 4,
    switched_off: 24,
    schedule: 32,
    budget: 64,
    stopped: 896,
    user_override: 1_024,
    no_policy: 14_336,
    other: 49_152,
  });
});

const edgesOf = (columns: Column[], heightOf: (count: number) => number) =>
  stackOf(columns, ["traced", "switched_off", "no_policy"], heightOf, 2).map((parts) => [
    parts.key,
    ...Array.from(parts, ([lower, upper]) => [lower, upper]),
  ]);

test("columns are stacked from the traced upwards, to the height of their decisions", () => {
  const columns = [
    columnOf(bucket({ unavailable: 10, disabled: 30, enabled: 60 })),
    columnOf(bucket({ unavailable: 4 })),
  ];
  expect(columns.map(presentIn)).toEqual([["traced", "switched_off", "no_policy"], ["no_policy"]]);
  expect(edgesOf(columns, (count) => count / 2)).toEqual([
    ["traced", [0, 30], [0, 0]],
    ["switched_off", [30, 45], [0, 0]],
    ["no_policy", [45, 50], [0, 2]],
  ]);
});

test("a few among many can be seen", () => {
  const column = columnOf(bucket({ enabled: 1_000_000, unavailable: 1 }));
  expect(edgesOf([column], (count) => count / 10_000)).toEqual([
    ["traced", [0, 100]],
    ["switched_off", [100, 100]],
    ["no_policy", [100, 102]],
  ]);
});

test("a time without decisions is empty, unless it has a cost", () => {
  expect(isEmpty(columnOf(bucket({})))).toBe(true);
  expect(isEmpty(columnOf(bucket({}, "0.000001")))).toBe(false);
  expect(isEmpty(columnOf(bucket({ enabled: 1 })))).toBe(false);
});

test("a share is in whole percents, and what is there is never none", () => {
  expect(shareOf(1, 3)).toBe("33 %");
  expect(shareOf(1, 1_000)).toBe("< 1 %");
  expect(shareOf(0, 3)).toBe("0 %");
  expect(shareOf(0, 0)).toBe("0 %");
});

test("the summary says it in words", () => {
  const total = bucket({ enabled: 6_000, disabled: 3_000, unavailable: 10, user_override: 990 });
  expect(summaryOf("24h", total)).toBe(
    "10,000 decisions in the last 24 hours: 6,000 traced (60 %), 3,000 skipped (30 %), 10 without an answer (< 1 %), 990 by user overrides or other reasons (10 %).",
  );
  expect(summaryOf("1h", bucket({ enabled: 1 }))).toBe("1 decision in the last hour: 1 traced (100 %).");
});
