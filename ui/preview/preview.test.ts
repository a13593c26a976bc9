import { expect, test } from "vitest";
import type { Decision, TracingState, WirePolicy } from "../api.ts";
import { answer } from "./preview.ts";

const HOUR_MS = 3_600_000;
const id = "0b0f8a54-5b0d-4f6a-9d53-6a0f0a4f6b11";
const ask = { user: "user-1", session: "", at: null as number | null };

const policy = (change: Partial<WirePolicy> = {}): WirePolicy => ({
  version: 1,
  enabled: true,
  reason: "enabled",
  sample_rate: 1,
  capture: "full",
  when_unavailable: "last_known",
  until: Date.now() + 24 * HOUR_MS,
  overrides: {},
  transitions: [],
  ...change,
});
const tracing = (document: WirePolicy, enabled: boolean | null = null): TracingState => ({
  effective: enabled !== false && document.enabled,
  reason: enabled === false && document.enabled ? "break_glass" : document.reason,
  version: 1,
  source: "redis",
  enabled,
  policy: document,
});
const byRules = (trace: boolean | null, reason: string): Decision => ({
  trace,
  reason,
  rule: reason,
  overrode: [],
  at: "2026-01-01T00:00:00Z",
  capture: "full",
  sample_rate: 1,
  version: 1,
  next_change: null,
});

test("the document that agents hold decides", () => {
  const overrides = { "user-1": [false, null] as const };
  const told = answer(id, ask, tracing(policy({ overrides })), byRules(false, "user_override"));
  expect(told).toEqual({ trace: false, reason: "user_override", by: "sdk", isBehind: false });
});

test("a coming time is decided by what the document foresees", () => {
  const at = Date.now() + 2 * HOUR_MS;
  const night = policy({ transitions: [[at - HOUR_MS, false, "schedule"]] });
  const told = answer(id, { ...ask, at }, tracing(night), byRules(false, "schedule"));
  expect(told).toMatchObject({ trace: false, reason: "schedule", by: "sdk" });
});

test("a time that the document does not foresee is decided by the rules", () => {
  const later = { ...ask, at: Date.now() + 72 * HOUR_MS };
  const earlier = { ...ask, at: Date.now() - 72 * HOUR_MS };
  for (const question of [later, earlier]) {
    const told = answer(id, question, tracing(policy()), byRules(false, "schedule"));
    expect(told).toMatchObject({ trace: false, by: "rules" });
  }
});

test("an emergency stop decides for now, and not for later", () => {
  const stopped = tracing(policy(), false);
  expect(answer(id, ask, stopped, byRules(false, "break_glass"))).toMatchObject({
    trace: false,
    reason: "break_glass",
  });
  const later = { ...ask, at: Date.now() + HOUR_MS };
  expect(answer(id, later, stopped, byRules(true, "enabled"))).toMatchObject({ trace: true, by: "sdk" });
});

test("agents that do not have the last change yet are told from the rules", () => {
  expect(answer(id, ask, tracing(policy()), byRules(false, "disabled"))).toMatchObject({ trace: true, isBehind: true });
});

test("what chance decides is not decided here", () => {
  const half = tracing(policy({ sample_rate: 0.5 }));
  expect(answer(id, { ...ask, user: "" }, half, byRules(null, "sampled")).trace).toBeNull();
});
