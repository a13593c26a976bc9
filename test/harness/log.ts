import { afterEach, beforeEach, vi } from "vitest";

/** Keeps what each test of the file writes to the console, instead of showing it. */
export function captureLog(): { lines: string[] } {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    for (const level of ["log", "info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((...words) => void lines.push(words.join(" ")));
    }
  });
  afterEach(() => void vi.restoreAllMocks());
  return { lines };
}
