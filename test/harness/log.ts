import { afterEach, beforeEach, vi } from "vitest";
import { watch } from "./canary.ts";

/** Keeps what each test of the file writes to the console, instead of showing it. */
export function captureLog(): { lines: string[] } {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    for (const level of ["log", "info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((...words) => {
        lines.push(words.join(" "));
        watch(words.join(" "));
      });
    }
  });
  afterEach(() => void vi.restoreAllMocks());
  return { lines };
}
