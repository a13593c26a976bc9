import { expect, test } from "vitest";
import { projectOf, WHOLE_WEEK } from "../../test/rules/policies.ts";
import type { FullProject } from "../store/schema.ts";
import { explain, nextChange } from "./explain.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Wednesday. */
const NOON = Date.parse("2027-06-09T12:00:00Z");
const USER = { userId: "user-42" };

const explained = (fields: Partial<FullProject>, subject = USER) => explain(projectOf(fields), subject, NOON);
const changes = (fields: Partial<FullProject>, at = NOON) => {
  const next = nextChange(projectOf(fields), USER, at);
  return next && [next.at - NOON, next.trace, next.reason];
};
const onFor = (ms: number) => ({ overrideTrace: true, overrideUntil: new Date(NOON + ms) });
const always = (until: number) => ({ overrides: { "user-42": [true, until] } as FullProject["overrides"] });
const never: Partial<FullProject> = { overrides: { "user-42": [false, null] } };

test("with no rule in force, nothing was overruled", () => {
  expect(explained({})).toEqual({ trace: true, reason: "enabled", rule: "enabled", overrode: [] });
});

test("the rules that would have decided without the one that did come in their order", () => {
  const rules: Partial<FullProject> = {
    lockReason: "an incident",
    dailyBudgetMicros: 1,
    budgetSpentOn: "2027-06-09",
    tracingEnabled: false,
    schedule: [WHOLE_WEEK],
    sampleRate: 0,
  };
  expect(explained({ ...rules, ...never })).toEqual({
    trace: false,
    reason: "locked",
    rule: "locked",
    overrode: ["user_override", "budget", "disabled", "schedule", "not_sampled"],
  });
  expect(explained({ ...rules, ...never, lockReason: null })).toEqual({
    trace: false,
    reason: "user_override",
    rule: "user_override",
    overrode: ["budget", "disabled", "schedule", "not_sampled"],
  });
});

test("an override that keeps the project on is told as the rule, unless the sample decides after it", () => {
  const rules = { ...onFor(HOUR), tracingEnabled: false };
  expect(explained(rules)).toEqual({ trace: true, reason: "enabled", rule: "override", overrode: ["disabled"] });
  expect(explained({ ...rules, sampleRate: 0 })).toEqual({
    trace: false,
    reason: "not_sampled",
    rule: "not_sampled",
    overrode: ["disabled"],
  });
});

test("without any id, a sample is by chance: neither yes nor no", () => {
  const anyone = { userId: "" };
  expect(explained({ sampleRate: 0.5 }, anyone)).toMatchObject({ trace: null, reason: "sampled" });
  expect(explained({ sampleRate: 0 }, anyone)).toMatchObject({ trace: false, reason: "not_sampled" });
  expect(explained({ sampleRate: 1 }, anyone)).toMatchObject({ trace: true, reason: "enabled" });
});

test.each(["__proto__", "constructor", "toString"])("the user %s has no override unless one was set", (userId) => {
  expect(explained(never, { userId })).toMatchObject({ trace: true, reason: "enabled" });
});

test("the next change is the first instant at which another decision applies", () => {
  const schedule = [{ ...WHOLE_WEEK, from: "22:00", to: "06:00" }];
  expect(changes({ schedule })).toEqual([10 * HOUR, false, "schedule"]);
  expect(changes({ schedule }, NOON + 10 * HOUR)).toEqual([18 * HOUR, true, "enabled"]);
  expect(changes({ ...onFor(HOUR), tracingEnabled: false })).toEqual([HOUR, false, "disabled"]);
  // an override that ended in the last quiet hours
  expect(changes({ schedule, ...always(NOON - 7 * HOUR) })).toEqual([10 * HOUR, false, "schedule"]);
});

test("a user's override ends in one, be it weeks from now", () => {
  expect(changes({ tracingEnabled: false, ...always(NOON + 29 * DAY) })).toEqual([29 * DAY, false, "disabled"]);
  expect(changes({ schedule: [{ days: ["thu"], from: "00:00", to: "24:00" }], ...always(NOON + DAY) })).toEqual([
    DAY,
    false,
    "schedule",
  ]);
});

test("what changes nothing for the user is none", () => {
  const schedule = [{ ...WHOLE_WEEK, from: "22:00", to: "06:00" }];
  expect(changes({ schedule, ...never })).toBe(null);
  expect(changes({ schedule, lockReason: "an incident", ...always(NOON + HOUR) })).toBe(null);
  expect(changes(onFor(HOUR))).toBe(null);
  expect(changes({})).toBe(null);
});
