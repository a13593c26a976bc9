import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePolicy, redisKeys, saysOff } from "./wire.ts";

const parse = (document: unknown) => parsePolicy(JSON.stringify(document));
const least = { version: 7, enabled: true };

describe("a policy document", () => {
  test("as the contract shows it is read whole", () => {
    const text = `{"version":1764000000123,"enabled":true,"reason":"enabled","sample_rate":0.3,"capture":"full",
      "when_unavailable":"last_known","until":1764086400123,
      "overrides":{"user-1":[true,1764000000000],"user-2":[false,null]},
      "transitions":[[1763950000000,false,"schedule"],[1763971200000,true,"enabled"]]}`;
    expect(parsePolicy(text)).toEqual({
      version: 1764000000123,
      enabled: true,
      reason: "enabled",
      sample_rate: 0.3,
      capture: "full",
      when_unavailable: "last_known",
      until: 1764086400123,
      overrides: new Map([
        ["user-1", [true, 1764000000000]],
        ["user-2", [false, null]],
      ]),
      transitions: [
        [1763950000000, false, "schedule"],
        [1763971200000, true, "enabled"],
      ],
    });
  });

  test("needs only a version and the state; the rest has defaults", () => {
    expect(parse(least)).toEqual({
      ...least,
      reason: "enabled",
      sample_rate: 1,
      capture: "full",
      when_unavailable: "last_known",
      overrides: new Map(),
      transitions: [],
    });
    expect(parse({ version: 7, enabled: false })?.reason).toBe("disabled");
    expect(parse(least)?.until).toBe(undefined);
  });

  test("is read alike as text and as what a client parsed it to", () => {
    const document = { ...least, overrides: { a: [false, null] }, until: 5 };
    expect(parsePolicy(document)).toEqual(parse(document));
  });

  test("keeps working when a later release adds fields", () => {
    expect(parse({ ...least, colour: "blue", nested: { a: [1] } })).toEqual(parse(least));
  });

  test.each([
    ["full", "full"],
    ["metadata", "metadata"],
    ["inputs_only", "metadata"],
    ["toString", "metadata"],
    [null, "metadata"],
    [1, "metadata"],
    [{}, "metadata"],
  ])("with capture %j records %s", (capture, expected) => {
    expect(parse({ ...least, capture })?.capture).toBe(expected);
  });

  test.each([
    ["last_known", "last_known"],
    ["skip", "skip"],
    ["trace", "trace"],
    ["sometimes", "skip"],
    [null, "skip"],
    [true, "skip"],
  ])("with when_unavailable %j means %s", (rule, expected) => {
    expect(parse({ ...least, when_unavailable: rule })?.when_unavailable).toBe(expected);
  });

  test.each([
    [true],
    [null],
    ["always"],
    [[]],
    [[true]],
    [["true", null]],
    [[1, null]],
    [[true, "2026-12-01T00:00:00Z"]],
    [[true, true]],
    [{ trace: true, until: null }],
  ])("reads the malformed override %j as never", (override) => {
    expect(parse({ ...least, overrides: { u: override } })?.overrides.get("u")).toEqual([false, null]);
  });

  test.each([
    ["version", "7"],
    ["version", 7.5],
    ["version", null],
    ["version", 2 ** 60],
    ["enabled", "false"],
    ["enabled", 0],
    ["enabled", null],
    ["reason", 1],
    ["reason", null],
    ["sample_rate", "0.3"],
    ["sample_rate", -0.1],
    ["sample_rate", 1.1],
    ["sample_rate", null],
    ["until", "2026-12-01T00:00:00Z"],
    ["until", null],
    ["overrides", null],
    ["overrides", []],
    ["overrides", "none"],
    ["transitions", null],
    ["transitions", {}],
    ["transitions", [null]],
    ["transitions", [[1]]],
    ["transitions", [["1", true, "schedule"]]],
    ["transitions", [[1, "true", "schedule"]]],
    ["transitions", [[1, true]]],
    ["transitions", [[1, true, "enabled"], {}]],
  ])("is rejected whole when %s is %j", (field, value) => {
    expect(parse({ ...least, [field]: value })).toBeUndefined();
  });

  test.each([["version"], ["enabled"]])("is rejected without %s", (field) => {
    expect(parse({ ...least, [field]: undefined })).toBeUndefined();
  });

  test.each([[""], ["true"], ["null"], ["[]"], ['"text"'], ["7"], ["{"], ["<html>"], ["[object Object]"], ["NaN"]])(
    "is rejected when it is %j",
    (text) => expect(parsePolicy(text)).toBeUndefined(),
  );

  test.each([[undefined], [null], [true], [7], [Symbol("s")], [() => {}], [[least]], [new Map()]])(
    "is rejected when a client gives %o",
    (value) => expect(parsePolicy(value)).toBeUndefined(),
  );

  test("takes the names of Object.prototype as user ids like any other, and finds none that it does not hold", () => {
    const text = `{"version":7,"enabled":true,"overrides":{"__proto__":[false,null],"constructor":[true,5]}}`;
    const overrides = parsePolicy(text)?.overrides;
    expect(overrides?.get("__proto__")).toEqual([false, null]);
    expect(overrides?.get("constructor")).toEqual([true, 5]);
    for (const absent of ["toString", "hasOwnProperty", "__defineGetter__"])
      expect(overrides?.get(absent)).toBe(undefined);
  });

  test("is not given fields by a __proto__ in it, nor gives them to other objects", () => {
    expect(parsePolicy(`{"__proto__":{"version":7,"enabled":true}}`)).toBeUndefined();
    expect(parsePolicy(`{"version":7,"enabled":true,"__proto__":{"sample_rate":0}}`)?.sample_rate).toBe(1);
    expect({}).not.toHaveProperty("sample_rate");
  });

  test("of 20,000 overrides and transitions is read", () => {
    const overrides = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`user-${i}`, [i % 2 === 0, null]]));
    const transitions = Array.from({ length: 20_000 }, (_, i) => [i, i % 2 === 0, "schedule"]);
    const policy = parse({ ...least, overrides, transitions });
    expect(policy?.overrides.size).toBe(20_000);
    expect(policy?.transitions.length).toBe(20_000);
  });

  test("nested 100,000 deep is read or rejected, without an error", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(() => parsePolicy(deep)).not.toThrow();
    expect(() => parsePolicy(`{"version":7,"enabled":true,"extra":${deep}}`)).not.toThrow();
  });
});

describe("whatever comes instead of a policy document", () => {
  const valid = (policy: ReturnType<typeof parsePolicy>) =>
    policy === undefined ||
    (Number.isSafeInteger(policy.version) &&
      typeof policy.enabled === "boolean" &&
      policy.sample_rate >= 0 &&
      policy.sample_rate <= 1 &&
      ["full", "metadata"].includes(policy.capture) &&
      ["last_known", "skip", "trace"].includes(policy.when_unavailable));

  test("any bytes give a valid document or none", () => {
    const decoder = new TextDecoder();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => valid(parsePolicy(decoder.decode(bytes)))));
  });

  test("any JSON gives a valid document or none", () => {
    fc.assert(fc.property(fc.json(), (text) => valid(parsePolicy(text))));
  });

  test("any value gives a valid document or none", () => {
    const anything = fc.anything({ withNullPrototype: true, withMap: true, withBigInt: true, withDate: true });
    fc.assert(fc.property(anything, (value) => valid(parsePolicy(value))));
  });

  test("an object whose properties throw gives none", () => {
    const trap = () => {
      throw new Error("no");
    };
    const traps = [new Proxy({}, { get: trap }), { ...least, overrides: new Proxy({}, { ownKeys: trap }) }];
    for (const value of traps) expect(parsePolicy(value)).toBeUndefined();
  });

  test("any field of any type gives a valid document or none", () => {
    const field = fc.constantFrom(
      "version",
      "enabled",
      "reason",
      "sample_rate",
      "capture",
      "when_unavailable",
      "until",
      "overrides",
      "transitions",
    );
    const mutations = fc.array(fc.tuple(field, fc.jsonValue()), { maxLength: 3 });
    const good = { ...least, sample_rate: 0.5, overrides: { a: [true, 1] }, transitions: [[1, false, "schedule"]] };
    fc.assert(
      fc.property(mutations, (changes) => valid(parse({ ...good, ...Object.fromEntries(changes) }))),
      { numRuns: 500 },
    );
  });

  test("a document cut anywhere gives none", () => {
    const text = JSON.stringify({ ...least, overrides: { é: [true, 1] }, transitions: [[1, false, "schedule"]] });
    for (let length = 0; length < text.length; length++) expect(parsePolicy(text.slice(0, length))).toBeUndefined();
  });
});

describe("the enabled key", () => {
  test.each([["false"], [false]])("says off with %j", (value) => expect(saysOff(value)).toBe(true));
  test.each([["true"], [true], [null], [undefined], [""], ["False"], ["0"], [0], ["no"], [{}], [[false]], [" false"]])(
    "does not say off with %j, as existing readers have it",
    (value) => expect(saysOff(value)).toBe(false),
  );
  test("and its neighbours have the names that existing readers know", () => {
    expect(redisKeys("p")).toEqual({
      enabled: "tracing:p:enabled",
      policy: "tracing:p:policy",
      version: "tracing:p:version",
      changes: "tracing:p:changes",
    });
  });
});
