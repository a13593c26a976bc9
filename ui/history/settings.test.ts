import fc from "fast-check";
import { expect, test } from "vitest";
import { differingSettings, SETTINGS, type Settings, settingsBefore, settingsIn } from "./settings.ts";

const settings: fc.Arbitrary<Settings> = fc.record({
  tracing_enabled: fc.boolean(),
  sample_rate: fc.double({ min: 0, max: 1, noNaN: true }),
  capture: fc.constantFrom("full", "metadata"),
  when_unavailable: fc.constantFrom("last_known", "skip", "trace"),
  production: fc.boolean(),
  daily_budget_usd: fc.option(fc.constantFrom("1.00", "100.00")),
  run_cost_usd: fc.option(fc.constantFrom("0.01", "0.0125")),
  time_zone: fc.constantFrom("UTC", "Europe/Zurich"),
  schedule: fc.array(
    fc.record({ days: fc.constant(["mon" as const]), from: fc.constant("22:00"), to: fc.constant("06:00") }),
  ),
});
const someSettings = fc.tuple(settings, fc.subarray([...SETTINGS]));
/** What does not concern the settings. */
const otherChange = fc.constantFrom({ before: null }, { before: { name: "old" } }, { before: { lock: null } });

/** A change as the audit log has it: the fields it names, as they were. */
const logged = (now: Settings, names: readonly (keyof Settings)[]) => ({
  before: Object.fromEntries(names.map((name) => [name, now[name]])) as Record<string, unknown>,
});

test("whatever was changed, going back leads exactly to how it was before any of the changes", () => {
  fc.assert(
    fc.property(settings, fc.array(fc.oneof(someSettings, otherChange)), fc.nat(), (first, changes, pick) => {
      const versions = [first];
      const log = changes.map((change) => {
        const now = versions.at(-1) as Settings;
        if (!Array.isArray(change)) {
          versions.push(now);
          return change;
        }
        const [wanted, names] = change;
        versions.push({ ...now, ...Object.fromEntries(names.map((name) => [name, wanted[name]])) });
        return logged(now, names);
      });
      const back = pick % versions.length;
      const since = log.slice(back).reverse();
      expect(settingsBefore(versions.at(-1) as Settings, since)).toEqual(versions[back]);
    }),
  );
});

const now: Settings = {
  tracing_enabled: true,
  sample_rate: 1,
  capture: "full",
  when_unavailable: "last_known",
  production: false,
  daily_budget_usd: null,
  run_cost_usd: null,
  time_zone: "UTC",
  schedule: [{ days: ["mon"], from: "22:00", to: "06:00" }],
};

test("of a key's change, which has fields of its own, nothing is taken over", () => {
  const key = { before: { key: "abc", name: "CI", scopes: ["write"], project_id: null, expires_at: null } };
  expect(settingsIn(key)).toEqual([]);
  expect(settingsBefore(now, [key])).toEqual(now);
});

test("the same quiet hours in another order of their fields are the same", () => {
  const stored = { to: "06:00", days: ["mon" as const], from: "22:00" };
  expect(differingSettings(now, { ...now, schedule: [stored] })).toEqual([]);
  expect(differingSettings(now, { ...now, schedule: [] })).toEqual(["schedule"]);
});

test("a change to and fro leaves nothing to go back to", () => {
  const changes = [{ before: { tracing_enabled: false } }, { before: { tracing_enabled: true } }];
  expect(differingSettings(now, settingsBefore(now, changes))).toEqual([]);
});
