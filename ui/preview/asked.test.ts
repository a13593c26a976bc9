import { expect, test } from "vitest";
import { askedIn, instantOf, NOTHING, searchOf } from "./asked.ts";

test("every question leads through the address back to itself, that about nobody too", () => {
  const questions = [
    NOTHING,
    { ...NOTHING, user: "ada" },
    { ...NOTHING, session: "a b&c=d", at: "2026-11-23T20:14" },
    { user: "grace/hopper ü", session: "", at: "" },
  ];
  for (const asked of questions) expect(askedIn(searchOf(asked))).toEqual(asked);
  expect(searchOf({ ...NOTHING, user: "ada" })).toBe("?user=ada");
});

test("an address may ask nothing", () => {
  for (const search of ["", "?", "?range=24h"]) expect(askedIn(search)).toBeNull();
});

test("what is no time is now", () => {
  for (const at of ["", "tomorrow"]) expect(instantOf({ ...NOTHING, at })).toBeNull();
  expect(instantOf({ ...NOTHING, at: "2026-11-23T20:14Z" })).toBe(Date.parse("2026-11-23T20:14:00Z"));
});
