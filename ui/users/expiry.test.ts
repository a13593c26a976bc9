import { expect, test } from "vitest";
import { endOf } from "./expiry.ts";

const now = Date.parse("2026-03-01T12:00:00Z");

test("an end is so many hours from now, and none is none", () => {
  expect(endOf("24", now)).toBe("2026-03-02T12:00:00.000Z");
  expect(endOf("", now)).toBeNull();
});

test("thirty days are not a second more by a server whose clock is behind", () => {
  expect(endOf("720", now)).toBe("2026-03-31T11:59:00.000Z");
});
