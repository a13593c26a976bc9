import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, judge, type Subject, sampleSeed, stateAt } from "./decide.ts";
import { murmur3 } from "./murmur3.ts";
import { parsePolicy } from "./wire.ts";

const NOW = 1_764_000_000_000;
const PROJECT = "8c1f6f0e-52a2-4a0d-9d0b-3f6f6f5b1c11";

function policyOf(fields: Record<string, unknown> = {}) {
  const policy = parsePolicy({ version: 1, enabled: true, ...fields });
  if (!policy) throw new Error("not a valid policy");
  return policy;
}
const on = (fields: Record<string, unknown>, subject: Subject = {}, now = NOW) =>
  decide(policyOf(fields), sampleSeed(PROJECT), subject, now);
const off = (reason: string) => ({ enabled: false, reason });
const overrides = { always: [true, null], never: [false, null] };

describe("of several rules that apply, the highest decides", () => {
  test("a lock is above a user's always", () => {
    expect(on({ ...off("locked"), overrides }, { userId: "always" })).toEqual({ trace: false, reason: "locked" });
  });

  test("a deletion is above a user's always", () => {
    expect(on({ ...off("deleted"), overrides }, { userId: "always" })).toEqual({ trace: false, reason: "deleted" });
  });

  test.each(["override", "budget", "disabled", "schedule"])("a user's always is above %s", (reason) => {
    expect(on({ ...off(reason), overrides }, { userId: "always" })).toEqual({ trace: true, reason: "user_override" });
  });

  test("a user's always is above sampling", () => {
    expect(on({ sample_rate: 0, overrides }, { userId: "always" })).toEqual({ trace: true, reason: "user_override" });
  });

  test.each([0.3, 1])("a user's never is above a switch that is on, at the rate %d", (sample_rate) => {
    const verdict = { trace: false, reason: "user_override" };
    expect(on({ sample_rate, overrides }, { userId: "never" })).toEqual(verdict);
  });

  test.each(["override", "budget", "disabled", "schedule"])("%s is above sampling", (reason) => {
    expect(on({ ...off(reason), sample_rate: 1 }, { userId: "u" })).toEqual({ trace: false, reason });
    expect(on({ ...off(reason), sample_rate: 0.5 }, { userId: "u" })).toEqual({ trace: false, reason });
  });

  test("a temporary override that switches on goes on to sampling", () => {
    expect(on({ reason: "override" })).toEqual({ trace: true, reason: "enabled" });
    expect(on({ reason: "override", sample_rate: 0 })).toEqual({ trace: false, reason: "not_sampled" });
  });

  test("with none, the request is traced", () => {
    expect(on({})).toEqual({ trace: true, reason: "enabled" });
  });
});

describe("a user's override", () => {
  test("is in force until the millisecond before its end", () => {
    const fields = { ...off("disabled"), overrides: { u: [true, NOW] } };
    expect(on(fields, { userId: "u" }, NOW - 1).trace).toBe(true);
    expect(on(fields, { userId: "u" }, NOW)).toEqual({ trace: false, reason: "disabled" });
  });

  test("that says never and has ended lets the user be traced again", () => {
    expect(on({ overrides: { u: [false, NOW] } }, { userId: "u" }, NOW)).toEqual({ trace: true, reason: "enabled" });
  });

  test("is found by a number as by its decimal string", () => {
    const fields = { overrides: { 42: [false, null], 0: [false, null] } };
    for (const userId of [42, "42", 0, "0", -0]) expect(on(fields, { userId }).reason).toBe("user_override");
  });

  test("of a bigint id is found too, though the types have only numbers", () => {
    const userId = 9007199254740993n as unknown as number;
    expect(on({ overrides: { "9007199254740993": [false, null] } }, { userId }).reason).toBe("user_override");
  });

  test("never applies to the empty string, which is no user", () => {
    expect(on({ overrides: { "": [false, null] } }, { userId: "" }).reason).toBe("enabled");
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("is not invented for the user %s", (userId) => {
    expect(on({ overrides: { other: [false, null] } }, { userId })).toEqual({ trace: true, reason: "enabled" });
  });

  test("goes by the user only, not by the session or the trace", () => {
    expect(on({ overrides }, { sessionId: "never", traceId: "never" }).reason).toBe("enabled");
  });

  test.each([[null], [undefined], [{}], [[]], [true], [Symbol("u")]])(
    "is nobody's when the user id is %o",
    (userId) => {
      expect(on({ overrides }, { userId: userId as unknown as string }).reason).toBe("enabled");
    },
  );
});

describe("the project's state", () => {
  const transitions = [
    [NOW, false, "schedule"],
    [NOW + 1_000, true, "enabled"],
    [NOW + 2_000, false, "budget"],
  ];
  const at = (now: number) => stateAt(policyOf({ transitions }), now);

  test("changes in the millisecond of a transition, not before it", () => {
    expect(at(NOW - 1)).toEqual({ enabled: true, reason: "enabled", until: NOW });
    expect(at(NOW)).toEqual({ enabled: false, reason: "schedule", until: NOW + 1_000 });
    expect(at(NOW + 1)).toEqual({ enabled: false, reason: "schedule", until: NOW + 1_000 });
    expect(at(NOW + 999)).toEqual({ enabled: false, reason: "schedule", until: NOW + 1_000 });
    expect(at(NOW + 1_000)).toEqual({ enabled: true, reason: "enabled", until: NOW + 2_000 });
  });

  test("stays what the last transition made it", () => {
    const last = { enabled: false, reason: "budget", until: Number.POSITIVE_INFINITY };
    expect(at(NOW + 2_000)).toEqual(last);
    expect(at(NOW + 400 * 86_400_000)).toEqual(last);
  });

  test("is the same from transitions in any order", () => {
    const shuffled = [...transitions].reverse();
    fc.assert(
      fc.property(fc.integer({ min: -3_000, max: 5_000 }), (offset) => {
        expect(stateAt(policyOf({ transitions: shuffled }), NOW + offset)).toEqual(at(NOW + offset));
      }),
    );
  });

  test("of two transitions in one millisecond is the later one's", () => {
    const twice = [
      [NOW, true, "enabled"],
      [NOW, false, "budget"],
    ];
    expect(stateAt(policyOf({ transitions: twice }), NOW)).toMatchObject({ enabled: false, reason: "budget" });
  });

  test("holds at every instant before its own end", () => {
    const instants = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(
        instants,
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        fc.nat(1_000),
        (times, states, now) => {
          const sorted = times.sort((a, b) => a - b).map((time, i) => [time, states[i], `rule-${i}`]);
          const policy = policyOf({ transitions: sorted });
          const { enabled, reason, until } = stateAt(policy, now);
          expect(until).toBeGreaterThan(now);
          if (Number.isFinite(until)) {
            expect(stateAt(policy, until - 1)).toEqual({ enabled, reason, until });
            expect(stateAt(policy, until).reason).not.toBe(reason);
          }
        },
      ),
    );
  });

  test("locked by a transition switches the overrides off from then on", () => {
    const fields = { overrides, transitions: [[NOW, false, "locked"]] };
    expect(on(fields, { userId: "always" }, NOW - 1).reason).toBe("user_override");
    expect(on(fields, { userId: "always" }, NOW)).toEqual({ trace: false, reason: "locked" });
  });
});

describe("sampling", () => {
  const users = Array.from({ length: 4_000 }, (_, i) => `user-${i}`);
  const sampled = (sample_rate: number) => users.filter((userId) => on({ sample_rate }, { userId }).trace);

  test("traces about the share asked for", () => {
    expect(sampled(0.3).length / users.length).toBeCloseTo(0.3, 1);
    expect(sampled(0)).toEqual([]);
    expect(sampled(1)).toEqual(users);
  });

  test("at a higher rate only adds users", () => {
    const rate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(rate, rate, fc.string(), (a, b, userId) => {
        fc.pre(userId !== "");
        const [lower, higher] = [Math.min(a, b), Math.max(a, b)];
        if (on({ sample_rate: lower }, { userId }).trace)
          expect(on({ sample_rate: higher }, { userId }).trace).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("is by the hash of the key with the project's seed, below ceil(rate * 2^32)", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.string({ minLength: 1 }),
        (rate, userId) => {
          const trace = murmur3(userId, murmur3(PROJECT, 0)) >>> 0 < Math.ceil(rate * 2 ** 32);
          expect(on({ sample_rate: rate }, { userId })).toEqual({ trace, reason: trace ? "sampled" : "not_sampled" });
        },
      ),
    );
  });

  test("gives a project in capitals the seed of the one in lower case", () => {
    expect(sampleSeed(PROJECT.toUpperCase())).toBe(sampleSeed(PROJECT));
  });

  test("differs between projects", () => {
    const other = policyOf({ sample_rate: 0.5 });
    const here = users.filter((userId) => on({ sample_rate: 0.5 }, { userId }).trace);
    const there = users.filter((userId) => decide(other, sampleSeed("another"), { userId }, NOW).trace);
    expect(here).not.toEqual(there);
  });

  test("goes by the user, else the session, else the trace", () => {
    const fields = { sample_rate: 0.5 };
    const alone = (id: string) => on(fields, { userId: id });
    for (const [a, b, c] of [
      ["u1", "s1", "t1"],
      ["u2", "s2", "t2"],
      ["u3", "s3", "t3"],
      ["u4", "s4", "t4"],
    ] as const) {
      expect(on(fields, { userId: a, sessionId: b, traceId: c })).toEqual(alone(a));
      expect(on(fields, { userId: "", sessionId: b, traceId: c })).toEqual(alone(b));
      expect(on(fields, { sessionId: "", traceId: c })).toEqual(alone(c));
      expect(on(fields, { traceId: c })).toEqual(alone(c));
    }
  });

  test("takes a number as its decimal string", () => {
    for (let id = 0; id < 50; id++) {
      expect(on({ sample_rate: 0.5 }, { userId: id })).toEqual(on({ sample_rate: 0.5 }, { userId: `${id}` }));
    }
  });

  test("without any key is by chance, at the share asked for", () => {
    const policy = policyOf({ sample_rate: 0.5 });
    const verdicts = Array.from(
      { length: 2_000 },
      () => decide(policy, sampleSeed(PROJECT), { userId: "", sessionId: "" }, NOW).trace,
    );
    const share = verdicts.filter(Boolean).length / verdicts.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  test("without any key traces nobody at 0", () => {
    expect(Array.from({ length: 1_000 }, () => on({ sample_rate: 0 }).trace)).not.toContain(true);
  });
});

describe("what the keys mean together", () => {
  const enabled = policyOf();
  const disabled = policyOf(off("disabled"));
  const expired = policyOf({ until: NOW });

  test.each([
    ["true", enabled, "document"],
    [null, enabled, "document"],
    ["garbage", enabled, "document"],
    ["true", disabled, "document"],
    [null, disabled, "document"],
    ["false", disabled, "document"],
    ["false", enabled, "break_glass"],
    [false, enabled, "break_glass"],
    ["false", undefined, "off"],
    ["true", undefined, "miss"],
    [null, undefined, "miss"],
    ["true", expired, "miss"],
    [null, expired, "miss"],
  ])("enabled %j", (key, policy, reading) => expect(judge(key, policy, NOW)).toBe(reading));

  test("goes by the document's state at the moment, not by that of when it was written", () => {
    const soonOff = policyOf({ transitions: [[NOW, false, "schedule"]] });
    expect(judge("false", soonOff, NOW - 1)).toBe("break_glass");
    expect(judge("false", soonOff, NOW)).toBe("document");
    const soonOn = policyOf({ ...off("schedule"), transitions: [[NOW, true, "enabled"]] });
    expect(judge("false", soonOn, NOW - 1)).toBe("document");
    expect(judge("false", soonOn, NOW)).toBe("break_glass");
  });

  test("is good until the millisecond before the document's limit", () => {
    expect(judge("true", expired, NOW - 1)).toBe("document");
  });

  test("never turns a false into a trace for someone without an override", () => {
    const text = fc.record({
      version: fc.nat(),
      enabled: fc.boolean(),
      until: fc.option(fc.integer({ min: NOW - 5, max: NOW + 5 }), { nil: undefined }),
      transitions: fc.array(fc.tuple(fc.integer({ min: NOW - 5, max: NOW + 5 }), fc.boolean(), fc.string())),
    });
    fc.assert(
      fc.property(fc.option(text, { nil: undefined }), fc.integer({ min: NOW - 6, max: NOW + 6 }), (fields, now) => {
        const policy = fields && policyOf(fields);
        const reading = judge("false", policy, now);
        const traces =
          reading === "document" && policy && decide(policy, sampleSeed(PROJECT), { userId: "u" }, now).trace;
        expect(reading === "miss" || traces).toBeFalsy();
      }),
    );
  });
});
