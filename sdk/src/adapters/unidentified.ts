import type { Decision } from "../project.ts";

/** The decision when it cannot be told whose request it is: perhaps that of a user who must not be traced. */
export const UNIDENTIFIED: Decision = Object.freeze({
  trace: false,
  reason: "unavailable",
  capture: "full",
  sampleRate: 1,
  version: null,
  source: "fallback",
  fetchedAt: null,
});
