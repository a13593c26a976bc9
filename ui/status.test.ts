import { expect, test } from "vitest";
import { describeStatus } from "./status.ts";

test("a switch that is on and in effect", () => {
  const status = describeStatus(true, { effective: true, reason: "enabled" });
  expect(status.tone).toBe("on");
  expect(status.headline).toBe("Traces are being collected.");
});

test("a switch that is off and in effect", () => {
  const status = describeStatus(false, { effective: false, reason: "disabled" });
  expect(status.tone).toBe("off");
  expect(status.headline).toBe("Tracing is disabled.");
});

test("the emergency stop is named when it overrules the switch", () => {
  const status = describeStatus(true, { effective: false, reason: "break_glass" });
  expect(status.tone).toBe("warning");
  expect(status.headline).toBe(
    "Tracing is disabled by the emergency stop in Redis (break-glass), although the switch is on.",
  );
});

test("a change agents do not see yet is not claimed to be in effect", () => {
  const status = describeStatus(false, { effective: true, reason: "enabled" });
  expect(status.tone).toBe("warning");
  expect(status.headline).toBe("Traces are being collected.");
  expect(status.text).toBe("The switch is off, but agents still see the earlier state.");
});

test("a reason this page does not know is still told", () => {
  const { headline } = describeStatus(true, { effective: false, reason: "full_moon" });
  expect(headline).toBe("Tracing is disabled by the rule “full_moon”, although the switch is on.");
});
