import { expect, test } from "vitest";
import type { Rules } from "../api.ts";
import { differing, draftOf, editsOn, patchOf, peopleOf, percentIn } from "./draft.ts";

const rules: Rules = {
  sample_rate: 0.07,
  capture: "full",
  when_unavailable: "last_known",
  production: false,
  daily_budget_usd: "100.00",
  run_cost_usd: null,
  time_zone: "UTC",
  schedule: [],
};
const draft = draftOf(rules);

test("a share is edited in percent, without the noise of binary fractions", () => {
  expect(draft.sample_rate).toBe("7");
  expect(draftOf({ ...rules, sample_rate: 0.001 }).sample_rate).toBe("0.1");
  expect(patchOf({ sample_rate: "12.5" })).toEqual({ sample_rate: 0.125 });
});

test("what is no percentage is none", () => {
  for (const text of ["", " ", "abc", "-1", "100.1", "1e999"]) expect(percentIn(text), text).toBeNaN();
  expect(percentIn(" 0 ")).toBe(0);
});

test("an edit that is taken back, or says the same in other words, is no edit", () => {
  expect(editsOn(draft, { sample_rate: "7.0", daily_budget_usd: "100", time_zone: "UTC" })).toEqual({});
  expect(editsOn(draft, { daily_budget_usd: "" })).toEqual({ daily_budget_usd: "" });
});

test("only what is edited is sent; no budget is null, and so is no cost of a run", () => {
  expect(patchOf({})).toEqual({});
  expect(patchOf({ daily_budget_usd: " " })).toEqual({ daily_budget_usd: null });
  expect(patchOf({ run_cost_usd: "" })).toEqual({ run_cost_usd: null });
  expect(patchOf({ run_cost_usd: " 0.0125" })).toEqual({ run_cost_usd: "0.0125" });
  expect(patchOf({ production: true, daily_budget_usd: "5" })).toEqual({ production: true, daily_budget_usd: "5" });
});

test("another person's changes stay where one did not edit, and one's edits stay on top of them", () => {
  const theirs = draftOf({ ...rules, capture: "metadata", sample_rate: 0.5 });
  const mine = { sample_rate: "30", time_zone: "Asia/Tokyo" };
  expect(differing(draft, theirs)).toEqual(["sample_rate", "capture"]);
  expect({ ...theirs, ...editsOn(theirs, mine) }).toEqual({ ...theirs, ...mine });
});

test("an edit that somebody else made, too, is done", () => {
  const theirs = draftOf({ ...rules, sample_rate: 0.3 });
  expect(editsOn(theirs, { sample_rate: "30" })).toEqual({});
});

test("shares are told in people", () => {
  expect(peopleOf(100)).toEqual({ count: 10, of: 10 });
  expect(peopleOf(30)).toEqual({ count: 3, of: 10 });
  expect(peopleOf(7)).toEqual({ count: 7, of: 100 });
  expect(peopleOf(0.1)).toEqual({ count: 1, of: 1_000 });
  expect(peopleOf(0).count).toBe(0);
});
