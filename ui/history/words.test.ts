import { expect, test } from "vitest";
import type { ProjectEvent } from "../api.ts";
import { absoluteTime } from "../time.ts";
import { changedNothing, differencesOf, noteOf } from "./words.ts";

const event = (action: string, before: ProjectEvent["before"], after: ProjectEvent["after"]): ProjectEvent => ({
  id: "1",
  project_id: null,
  action,
  actor: { id: "k", name: "Ada", via: "api" },
  reason: null,
  version: 2,
  before,
  after,
  created_at: "2026-11-23T20:00:00.000Z",
  live_after_ms: 1,
});
const UNTIL = "2026-11-23T21:00:00.000Z";
const time = absoluteTime(Date.parse(UNTIL));

test("rules are told as the rules' own view tells them, in its order, and only those that differ", () => {
  const before = { run_cost_usd: "0.01", daily_budget_usd: null, sample_rate: 0.07, capture: "full" };
  const after = { run_cost_usd: null, daily_budget_usd: "5.00", sample_rate: 1, capture: "full" };
  expect(differencesOf(event("rules.changed", before, after))).toEqual([
    { field: "Sampling", before: "7 %", after: "100 %" },
    { field: "Daily budget", before: "no limit", after: "$5.00" },
    { field: "Cost of a run", before: "$0.01", after: "as reported" },
  ]);
});

test("an override that the switch ends is told with it", () => {
  const before = { tracing_enabled: true, override: { trace: false, until: UNTIL } };
  const after = { tracing_enabled: true, override: null };
  const ended = event("tracing.enabled", before, after);
  expect(differencesOf(ended)).toEqual([{ field: "For a while", before: `off until ${time}`, after: "none" }]);
  expect(changedNothing(ended)).toBe(false);
});

test("one that begins is told once, by its end", () => {
  const begun = event("override.disabled", { override: null }, { override: { trace: false, until: UNTIL } });
  expect(differencesOf(begun)).toEqual([]);
  expect(noteOf(begun)).toBe(`until ${time}`);
});

test("a change from off to off is told as none", () => {
  const off = { tracing_enabled: false };
  expect(changedNothing(event("tracing.disabled", off, off))).toBe(true);
  expect(changedNothing(event("tracing.disabled", { tracing_enabled: true }, off))).toBe(false);
});

test("a rotated key is told with the end of the old one", () => {
  const key = { key: "abc", name: "CI", scopes: ["write"], project_id: null, expires_at: null };
  const rotated = event("key.rotated", key, { ...key, key: "def", old_key_expires_at: UNTIL });
  expect(differencesOf(rotated)).toEqual([]);
  expect(noteOf(rotated)).toBe(`“CI” (write). The old one ends ${time}.`);
});

test("what this page does not know yet is shown as it is, not left out", () => {
  const changed = event("rules.changed", { brand_new: 1 }, { brand_new: { to: 2 } });
  expect(differencesOf(changed)).toEqual([{ field: "brand_new", before: "1", after: '{"to":2}' }]);
});
