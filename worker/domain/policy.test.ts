import { describe, expect, test } from "vitest";
import { projectOf, WHOLE_WEEK } from "../../test/rules/policies.ts";
import type { FullProject } from "../store/schema.ts";
import { effectiveState, foresee, nextPublishAt, policyDocument, publication } from "./policy.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Wednesday. */
const NOON = Date.parse("2027-06-09T12:00:00Z");
const LIFETIMES = { enabledMs: 300 * SECOND, disabledMs: 7 * DAY };

const at = (text: string) => Date.parse(`${text}Z`);
const shown = (transitions: readonly (readonly [number, boolean, string])[]) =>
  transitions.map(([at, on, reason]) => `${new Date(at).toISOString().slice(5, 16)} ${on ? "on" : "off"} ${reason}`);
const reasonOf = (project: FullProject, now = NOON) => effectiveState(project, now).reason;

const NIGHT = { ...WHOLE_WEEK, from: "22:00", to: "06:00" };
const SPENT = { dailyBudgetMicros: 100_000_000, budgetSpentOn: "2027-06-09" };
const offFor = (ms: number) => ({ overrideTrace: false, overrideUntil: new Date(NOON + ms) });
const onFor = (ms: number) => ({ overrideTrace: true, overrideUntil: new Date(NOON + ms) });

describe("a project's state", () => {
  test("is made by the highest of its rules", () => {
    const everything: Partial<FullProject> = {
      schedule: [WHOLE_WEEK],
      tracingEnabled: false,
      lockReason: "an incident",
      deletedAt: new Date(NOON),
      ...SPENT,
      ...offFor(HOUR),
    };
    const lifted: [string, Partial<FullProject>][] = [
      ["deleted", { deletedAt: null }],
      ["locked", { lockReason: null }],
      ["override", { overrideTrace: null, overrideUntil: null }],
      ["budget", { budgetSpentOn: null }],
      ["disabled", { tracingEnabled: true }],
      ["schedule", { schedule: [] }],
    ];
    let fields = everything;
    for (const [reason, without] of lifted) {
      expect(effectiveState(projectOf(fields), NOON)).toEqual({ enabled: false, reason });
      fields = { ...fields, ...without };
    }
    expect(effectiveState(projectOf(fields), NOON)).toEqual({ enabled: true, reason: "enabled" });
  });

  test("is on while an override says so, whatever the budget, the switch and the schedule say, but not in a lock", () => {
    const rules = { ...SPENT, ...onFor(HOUR), tracingEnabled: false, schedule: [WHOLE_WEEK] };
    expect(effectiveState(projectOf(rules), NOON)).toEqual({ enabled: true, reason: "enabled" });
    expect(reasonOf(projectOf({ ...rules, lockReason: "an incident" }))).toBe("locked");
  });

  test("is an override's until the millisecond before its end", () => {
    const project = projectOf(offFor(HOUR));
    expect(reasonOf(project, NOON + HOUR - 1)).toBe("override");
    expect(reasonOf(project, NOON + HOUR)).toBe("enabled");
  });

  test("is a quiet hour's from its first millisecond to its last", () => {
    const project = projectOf({ schedule: [NIGHT] });
    const [from, until] = [at("2027-06-09T22:00:00"), at("2027-06-10T06:00:00")];
    expect([from - 1, from, until - 1, until].map((now) => reasonOf(project, now))).toEqual([
      "enabled",
      "schedule",
      "schedule",
      "enabled",
    ]);
  });

  test("is a spent budget's on its local day alone, which may have 23 or 25 hours", () => {
    for (const [date, from, until] of [
      ["2027-06-09", "2027-06-08T22:00:00", "2027-06-09T22:00:00"],
      ["2027-03-28", "2027-03-27T23:00:00", "2027-03-28T22:00:00"],
      ["2027-10-31", "2027-10-30T22:00:00", "2027-10-31T23:00:00"],
    ] as const) {
      const project = projectOf({ ...SPENT, budgetSpentOn: date, timeZone: "Europe/Zurich" });
      const instants = [at(from) - 1, at(from), at(until) - 1, at(until)];
      expect(instants.map((now) => reasonOf(project, now))).toEqual(["enabled", "budget", "budget", "enabled"]);
    }
  });

  test("is nothing of a spent budget that was lifted since", () => {
    expect(reasonOf(projectOf({ ...SPENT, dailyBudgetMicros: null }))).toBe("enabled");
  });
});

describe("what is foreseen", () => {
  test("is every change of the coming 48 hours, also from off to off for another reason", () => {
    const project = projectOf({ ...SPENT, ...offFor(9 * HOUR), schedule: [NIGHT] });
    const { enabled, reason, transitions } = foresee(project, NOON);
    expect({ enabled, reason }).toEqual({ enabled: false, reason: "override" });
    expect(shown(transitions)).toEqual([
      "06-09T21:00 off budget",
      "06-10T00:00 off schedule",
      "06-10T06:00 on enabled",
      "06-10T22:00 off schedule",
      "06-11T06:00 on enabled",
    ]);
  });

  test("is nothing where a lower rule begins or ends beneath a higher one", () => {
    expect(foresee(projectOf({ tracingEnabled: false, schedule: [NIGHT] }), NOON).transitions).toEqual([]);
    expect(foresee(projectOf({ lockReason: "an incident", ...offFor(HOUR), ...SPENT }), NOON).transitions).toEqual([]);
  });

  test("is what lies beneath an override when it ends", () => {
    const project = projectOf({ ...onFor(HOUR), tracingEnabled: false });
    expect(shown(foresee(project, NOON).transitions)).toEqual(["06-09T13:00 off disabled"]);
  });
});

describe("the document", () => {
  test("leaves out the users whose override has ended", () => {
    const overrides: FullProject["overrides"] = {
      ended: [true, NOON],
      lasts: [true, NOON + 1],
      never: [false, null],
      ["__proto__"]: [false, null],
    };
    expect(Object.keys(policyDocument(projectOf({ overrides }), NOON).overrides)).toEqual([
      "lasts",
      "never",
      "__proto__",
    ]);
  });

  test("is good for 24 hours, a deleted project's for ever", () => {
    expect(policyDocument(projectOf(), NOON).until).toBe(NOON + DAY);
    expect(policyDocument(projectOf({ deletedAt: new Date(NOON) }), NOON)).not.toHaveProperty("until");
  });
});

describe("the one key", () => {
  const until = (fields: Partial<FullProject>) => publication(projectOf(fields), LIFETIMES, NOON).enabledUntil - NOON;

  test("lives 5 minutes when it says true, a week when it says false, and 30 days when the project is deleted", () => {
    expect(until({})).toBe(300 * SECOND);
    expect(until({ tracingEnabled: false })).toBe(7 * DAY);
    expect(until({ deletedAt: new Date(NOON) })).toBe(30 * DAY);
  });

  test("ends at once where its value ends", () => {
    expect(until(offFor(HOUR))).toBe(HOUR);
    expect(until({ ...onFor(MINUTE), tracingEnabled: false })).toBe(MINUTE);
  });

  test("does not end where the project stays off for another reason", () => {
    expect(until({ ...offFor(HOUR), tracingEnabled: false })).toBe(7 * DAY);
    expect(until({ ...offFor(11 * HOUR), schedule: [NIGHT] })).toBe(18 * HOUR);
  });
});

describe("the keys are written again", () => {
  const next = (fields: Partial<FullProject>, now = NOON) => {
    const due = nextPublishAt(projectOf({ updatedAt: new Date(NOON), ...fields }), LIFETIMES, now);
    return due && due.getTime() - now;
  };
  const LATER = NOON + 2 * MINUTE;

  test("a minute after a change, or at a transition before that", () => {
    expect(next({})).toBe(MINUTE);
    expect(next(offFor(30 * SECOND))).toBe(30 * SECOND);
  });

  test("then never for a project that is plainly on", () => {
    expect(next({}, LATER)).toBe(null);
  });

  test.each<[string, Partial<FullProject>]>([
    ["is off", { tracingEnabled: false }],
    ["is sampled", { sampleRate: 0.5 }],
    ["records metadata only", { capture: "metadata" }],
    ["says what to do when nobody answers", { whenUnavailable: "skip" }],
    ["has a budget", { dailyBudgetMicros: 1 }],
  ])("every 12 hours for one that %s", (_, fields) => {
    expect(next(fields, LATER)).toBe(12 * HOUR);
  });

  test("at its next transition, for one with rules that come and go", () => {
    expect(next({ schedule: [NIGHT] }, LATER)).toBe(10 * HOUR - 2 * MINUTE);
    expect(next(offFor(HOUR), LATER)).toBe(58 * MINUTE);
  });

  test("for 30 days after a deletion", () => {
    const deleted = { deletedAt: new Date(NOON) };
    expect(next(deleted, NOON + 30 * DAY)).toBe(12 * HOUR);
    expect(next(deleted, NOON + 30 * DAY + 1)).toBe(null);
  });
});
