import { expect, test } from "vitest";
import { describeStatus as describeNow, type InEffect } from "./status.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const free = { lock: null, override: null };
const plain = { sample_rate: 1, capture: "full", transitions: [] } as const;
const describeStatus = (
  on: boolean,
  inEffect: Omit<InEffect, "policy">,
  project = free,
  policy: InEffect["policy"] = plain,
) => describeNow(on, { ...inEffect, policy }, project, NOW);

test("a switch that is on and in effect", () => {
  const status = describeStatus(true, { effective: true, reason: "enabled" });
  expect(status.tone).toBe("on");
  expect(status.headline).toBe("Traces are being collected.");
});

test("a switch that is off and in effect", () => {
  const status = describeStatus(false, { effective: false, reason: "disabled" });
  expect(status.tone).toBe("off");
  expect(status.headline).toBe("Tracing is disabled.");
});

test("the emergency stop is named when it overrules the switch", () => {
  const status = describeStatus(true, { effective: false, reason: "break_glass" });
  expect(status.tone).toBe("warning");
  expect(status.headline).toBe(
    "Tracing is disabled by the emergency stop in Redis (break-glass), although the switch is on.",
  );
});

test("a change agents do not see yet is not claimed to be in effect", () => {
  const status = describeStatus(false, { effective: true, reason: "enabled" });
  expect(status.tone).toBe("warning");
  expect(status.headline).toBe("Traces are being collected.");
  expect(status.texts).toEqual(["The switch is off, but agents still see the earlier state."]);
});

test("a reason this page does not know is still told", () => {
  const { headline } = describeStatus(true, { effective: false, reason: "full_moon" });
  expect(headline).toBe("Tracing is disabled by the rule “full_moon”, although the switch is on.");
});

test("a lock is told with its reason, also when the switch is off", () => {
  const lock = { reason: "incident 12", locked_at: null };
  const on = describeNow(true, { effective: false, reason: "locked", policy: plain }, { ...free, lock }, NOW);
  expect(on.headline).toBe("Tracing is disabled by an admin’s lock, although the switch is on.");
  expect(on.texts).toEqual(["“incident 12”. Nobody is traced, whatever the rules say, until an admin lifts the lock."]);
  const off = describeNow(false, { effective: false, reason: "locked", policy: plain }, { ...free, lock }, NOW);
  expect(off.headline).toBe("Tracing is disabled by an admin’s lock.");
});

test("an override is told with its end, and what comes then", () => {
  const override = { trace: false, until: "2026-03-01T12:15:00Z" };
  const off = { effective: false, reason: "override" };
  const at = Date.parse(override.until);
  const known = { ...plain, transitions: [[at, true, "enabled"]] as const };
  const foreseen = describeNow(true, { ...off, policy: known }, { lock: null, override }, NOW);
  expect(foreseen.headline).toBe("Tracing is disabled by a temporary override, although the switch is on.");
  expect(foreseen.texts.at(-1)).toMatch(/^Until today \d\d:15, then on\.$/);
  const unforeseen = describeNow(true, { ...off, policy: null }, { lock: null, override }, NOW);
  expect(unforeseen.texts.at(-1)).toMatch(/^Until today \d\d:15\.$/);
});

test("an override that keeps a project on is not taken for an earlier state", () => {
  const override = { trace: true, until: "2026-03-01T12:15:00Z" };
  const { headline } = describeNow(
    false,
    { effective: true, reason: "enabled", policy: plain },
    { lock: null, override },
    NOW,
  );
  expect(headline).toBe("Traces are being collected by a temporary override, although the switch is off.");
});

test("quiet hours and a spent budget are told with their end", () => {
  const later = NOW + 3_600_000;
  const night = describeStatus(true, { effective: false, reason: "schedule" }, free, {
    ...plain,
    transitions: [
      [NOW - 1, false, "schedule"],
      [later, true, "enabled"],
    ],
  });
  expect(night.headline).toBe("Tracing is disabled by quiet hours, although the switch is on.");
  expect(night.texts.at(-1)).toMatch(/, then on\.$/);
  const spent = describeStatus(true, { effective: false, reason: "budget" }, free, {
    ...plain,
    transitions: [[later, false, "schedule"]],
  });
  expect(spent.texts.at(-1)).toMatch(/, then off by quiet hours\.$/);
});

test("sampling and what is left out of traces are told beside the state", () => {
  const { texts } = describeStatus(true, { effective: true, reason: "enabled" }, free, {
    ...plain,
    sample_rate: 0.3,
    capture: "metadata",
  });
  expect(texts).toEqual(["Agents trace 30 % of the users of this project, without inputs and outputs."]);
});
