import { expect, test } from "vitest";
import type { TracingChange } from "./api.ts";
import { undoOf } from "./undo.ts";

const VERSION = Date.parse("2026-03-01T12:00:00Z");
const HOUR_MS = 3_600_000;

type State = Omit<TracingChange["before"], "break_glass">;
const state = (tracing_enabled: boolean, override: State["override"] = null): State => ({ tracing_enabled, override });
const offUntil = (until: string) => ({ trace: false, until });
const QUARTER_PAST = offUntil("2026-03-01T12:15:00.000Z");

const undo = (before: State, after: State, now = VERSION) =>
  undoOf({ version: VERSION, ...after, before: { ...before, break_glass: false } }, now);
const TAKES_BACK = { ifVersion: VERSION, isUndo: true };

test("a press of the switch is undone by the switch, and so is what was set for a while", () => {
  expect(undo(state(true), state(false))).toEqual({ on: true, ...TAKES_BACK });
  expect(undo(state(false), state(false, { ...QUARTER_PAST, trace: true }))).toEqual({ on: false, ...TAKES_BACK });
});

test("where the server found what was asked for, there is nothing to undo", () => {
  expect(undo(state(false), state(false))).toBeNull();
  expect(undo(state(true, QUARTER_PAST), state(true, QUARTER_PAST))).toBeNull();
});

test("an override that was ended or replaced is set again, until its own end", () => {
  const until = Date.parse(QUARTER_PAST.until);
  const again = { on: false, until, ...TAKES_BACK };
  expect(undo(state(true, QUARTER_PAST), state(true))).toEqual(again);
  expect(undo(state(true, QUARTER_PAST), state(true, offUntil("2026-03-01T13:00:00.000Z")))).toEqual(again);
});

test("it is set again for the time that is left by the server's clock, however wrong this browser's is", () => {
  for (const now of [VERSION + HOUR_MS, VERSION - HOUR_MS])
    expect(undo(state(true, QUARTER_PAST), state(true), now)?.until).toBe(now + 900_000);
});

test("an override that is all but over is not set again, nor is it made longer", () => {
  expect(undo(state(true, offUntil("2026-03-01T12:01:09Z")), state(true))).toBeNull();
  expect(undo(state(true, offUntil("2026-03-01T12:01:10Z")), state(true))).not.toBeNull();
});

test("what one change cannot bring back is not offered: the switch together with an override", () => {
  expect(undo(state(true, QUARTER_PAST), state(false))).toBeNull();
});
