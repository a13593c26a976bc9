import { expect, test } from "vitest";
import type { Project } from "./api.ts";
import { undoOf } from "./undo.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const LATER = "2026-03-01T12:15:00Z";
const project = (tracing_enabled: boolean, override: Project["override"] = null) =>
  ({ tracing_enabled, override }) as Project;
const answer = (tracing_enabled: boolean) => ({ version: 7, tracing_enabled });

test("a press of the switch is undone by the switch, and so is what was set for a while", () => {
  expect(undoOf(project(true), false, answer(false), NOW)).toEqual({ on: true, undoes: 7 });
  expect(undoOf(project(false), false, answer(false), NOW)).toEqual({ on: false, undoes: 7 });
});

test("an override that was ended or replaced is set again, until its own end", () => {
  const before = project(true, { trace: false, until: LATER });
  expect(undoOf(before, false, answer(true), NOW)).toEqual({ on: false, until: Date.parse(LATER), undoes: 7 });
});

test("an override that is over meanwhile, or all but over, is not set again", () => {
  const endingAt = (until: string) => project(true, { trace: false, until });
  expect(undoOf(endingAt("2026-03-01T12:00:00Z"), false, answer(true), NOW)).toEqual({ on: true, undoes: 7 });
  expect(undoOf(endingAt("2026-03-01T12:00:59Z"), false, answer(true), NOW)).toBeNull();
});

test("what one change cannot bring back is not offered: the switch together with an override, an emergency stop", () => {
  expect(undoOf(project(true, { trace: false, until: LATER }), false, answer(false), NOW)).toBeNull();
  expect(undoOf(project(true), true, answer(true), NOW)).toBeNull();
});
