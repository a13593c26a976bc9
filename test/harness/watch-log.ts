// A setup file: what any test's Worker logs goes by here.
import { afterAll, expect } from "vitest";
import { takeLeaks, watch } from "./canary.ts";

for (const level of ["log", "info", "warn", "error", "debug"] as const) {
  const write = console[level];
  console[level] = (...words: unknown[]) => {
    watch(words.join(" "));
    write(...words);
  };
}
afterAll(() => expect(takeLeaks(), "secrets in the log").toEqual([]));
