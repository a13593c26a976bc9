import { setImmediate } from "node:timers/promises";
import { type EvaluationContext, OpenFeature, ProviderEvents } from "@openfeature/server-sdk";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type OpenFeatureOptions, TracingToggleProvider } from "../../sdk/src/adapters/openfeature.ts";
import { createTracingToggle, type TracingToggle, type TracingToggleOptions } from "../../sdk/src/index.ts";
import { startRedis } from "./servers.ts";

let redis: Awaited<ReturnType<typeof startRedis>>;
let tracing: TracingToggle;

beforeAll(async () => {
  redis = await startRedis();
});

beforeEach(() => {
  redis.set({ enabled: true, reason: "enabled", sample_rate: 1, capture: "full", overrides: {} });
});

afterEach(async () => {
  redis.state.hang = false;
  await OpenFeature.clearProviders();
  OpenFeature.clearHandlers();
});

afterAll(() => redis.close());

/** OpenFeature's own client, over the provider, whose client asks at every evaluation. */
async function connect(options?: OpenFeatureOptions, settings?: TracingToggleOptions) {
  tracing = createTracingToggle({
    projectId: "project",
    redis: { url: redis.url, token: "token" },
    api: null,
    maxAgeMs: 0,
    timeoutMs: 5_000,
    logger: null,
    ...settings,
  });
  await OpenFeature.setProviderAndWait(new TracingToggleProvider(tracing, options));
  return OpenFeature.getClient();
}

const evaluate = async (context: EvaluationContext = {}) =>
  (await connect()).getBooleanDetails("tracing", true, context);

describe("the flag says what was decided", () => {
  test("on", async () => {
    const { version } = redis.set({ capture: "metadata" });
    expect(await evaluate()).toEqual({
      flagKey: "tracing",
      value: true,
      variant: "on",
      reason: "STATIC",
      flagMetadata: { reason: "enabled", source: "redis", capture: "metadata", sampleRate: 1, version },
    });
  });

  test.each(["disabled", "schedule", "budget", "override", "locked"])("off by %s", async (reason) => {
    redis.set({ enabled: false, reason });
    const { value, variant, reason: spec, flagMetadata } = await evaluate();
    expect([value, variant, spec, flagMetadata.reason]).toEqual([false, "off", "DISABLED", reason]);
  });

  test("by a user's override", async () => {
    redis.set({ enabled: false, reason: "disabled", overrides: { a: [true, null], b: [false, null] } });
    const client = await connect();
    const of = async (context: EvaluationContext) => {
      const { value, reason } = await client.getBooleanDetails("tracing", false, context);
      return [value, reason];
    };
    expect(await of({ targetingKey: "a" })).toEqual([true, "TARGETING_MATCH"]);
    expect(await of({ userId: "b", targetingKey: "a" })).toEqual([false, "TARGETING_MATCH"]);
    expect(await of({ userId: "", targetingKey: "a" })).toEqual([true, "TARGETING_MATCH"]);
    expect(await of({ targetingKey: "c" })).toEqual([false, "DISABLED"]);
  });

  test("by the sample rate, with the targeting key, the session or the trace as the key", async () => {
    redis.set({ sample_rate: 0.5 });
    const client = await connect();
    const seen = new Set();
    for (let i = 0; i < 20; i++) {
      for (const [context, request] of [
        [{ targetingKey: `k${i}` }, { userId: `k${i}` }],
        [{ sessionId: `k${i}` }, { sessionId: `k${i}` }],
        [{ traceId: `k${i}` }, { traceId: `k${i}` }],
      ] as const) {
        const details = await client.getBooleanDetails("tracing", false, context);
        expect(details.value).toBe(await tracing.isEnabled(request));
        expect(details.reason).toBe("SPLIT");
        expect(details.flagMetadata.reason).toBe(details.value ? "sampled" : "not_sampled");
        seen.add(details.value);
      }
    }
    expect(seen.size).toBe(2);
  });

  test("of another project", async () => {
    const { reason, flagMetadata } = await evaluate({ projectId: "other" });
    expect([reason, flagMetadata.reason]).toEqual(["STATIC", "enabled"]);
    expect(tracing.stats().redis.requests).toBeGreaterThan(1);
  });

  test("by a function of the context; when it throws, the answer is no, whatever the caller's default", async () => {
    redis.set({ enabled: false, reason: "disabled", overrides: { a: [true, null] } });
    const client = await connect({
      request: (context) => {
        if (context.broken) throw new Error("broken");
        return { userId: `${context.account}` };
      },
    });
    expect(await client.getBooleanValue("tracing", false, { account: "a" })).toBe(true);
    const details = await client.getBooleanDetails("tracing", true, { account: "a", broken: true });
    expect(details).toMatchObject({ value: false, reason: "ERROR", errorMessage: "Error: broken" });
  });
});

describe("what is not there", () => {
  test("another flag", async () => {
    const client = await connect();
    for (const details of [
      await client.getBooleanDetails("other", true),
      await client.getStringDetails("other", "default"),
      await client.getNumberDetails("other", 7),
      await client.getObjectDetails("other", { a: 1 }),
    ]) {
      expect(details).toMatchObject({ reason: "ERROR", errorCode: "FLAG_NOT_FOUND" });
      expect([true, "default", 7, { a: 1 }]).toContainEqual(details.value);
    }
  });

  test("another type", async () => {
    const client = await connect();
    for (const details of [
      await client.getStringDetails("tracing", "default"),
      await client.getNumberDetails("tracing", 7),
      await client.getObjectDetails("tracing", { a: 1 }),
    ]) {
      expect(details).toMatchObject({ reason: "ERROR", errorCode: "TYPE_MISMATCH" });
    }
  });
});

describe("when nobody answers", () => {
  const quick = { timeoutMs: 200 };

  test("with nothing known, setting the provider does not fail, and whenUnavailable answers", async () => {
    redis.state.hang = true;
    for (const [whenUnavailable, value] of [
      ["trace", true],
      ["skip", false],
    ] as const) {
      const client = await connect({}, { ...quick, whenUnavailable });
      expect(await client.getBooleanDetails("tracing", !value)).toMatchObject({
        value,
        reason: "DEFAULT",
        flagMetadata: { reason: "unavailable", source: "fallback" },
      });
      await OpenFeature.close();
    }
  });

  test("the last known policy is stale, and off stays off", async () => {
    redis.set({ enabled: false, reason: "disabled" });
    const client = await connect({}, quick);
    redis.state.hang = true;
    expect(await client.getBooleanDetails("tracing", true)).toMatchObject({
      value: false,
      reason: "STALE",
      flagMetadata: { reason: "disabled", source: "fallback" },
    });
  });
});

describe("events", () => {
  /** OpenFeature calls a handler of `PROVIDER_READY` at once when the provider is. */
  async function listen(settings?: TracingToggleOptions) {
    const client = await connect({}, settings);
    const events: string[] = [];
    for (const event of Object.values(ProviderEvents)) client.addHandler(event, () => events.push(event));
    /** What an evaluation tells. */
    const after = async () => {
      await client.getBooleanValue("tracing", false);
      await setImmediate();
      return events.splice(0);
    };
    return { client, after };
  }

  test("a change of the policy is told by the next evaluation, once", async () => {
    const { after } = await listen();
    expect(await after()).toEqual(["PROVIDER_READY"]);
    expect(await after()).toEqual([]);
    redis.set({ enabled: false });
    expect(await after()).toEqual(["PROVIDER_CONFIGURATION_CHANGED"]);
    expect(await after()).toEqual([]);
  });

  test("stale when nobody answers any more, ready when somebody does", async () => {
    const { after, client } = await listen({ timeoutMs: 200 });
    expect(await after()).toEqual(["PROVIDER_READY"]);
    redis.state.hang = true;
    expect(await after()).toEqual(["PROVIDER_STALE"]);
    expect(client.providerStatus).toBe("STALE");
    expect(await after()).toEqual([]);
    redis.state.hang = false;
    expect(await after()).toEqual(["PROVIDER_READY"]);
    expect(client.providerStatus).toBe("READY");
  });

  test("an error when nothing was ever known", async () => {
    redis.state.hang = true;
    const { after, client } = await listen({ timeoutMs: 200 });
    expect(await after()).toEqual(["PROVIDER_READY", "PROVIDER_ERROR"]);
    expect(client.providerStatus).toBe("ERROR");
    redis.state.hang = false;
    expect(await after()).toEqual(["PROVIDER_READY"]);
  });
});

describe("events of changes that are pushed", () => {
  test("are told at once, each once, and whichever project's", async () => {
    let push: (projectId: string, version: number) => void = () => {};
    const live = {
      onChange(listener: typeof push) {
        push = listener;
      },
    };
    const client = await connect({ live });
    const events: string[] = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, (details) => events.push(`${details?.flagsChanged}`));
    await client.getBooleanValue("tracing", false);
    const { version } = redis.set({ enabled: false });
    push("project", version);
    push("project", version);
    await client.getBooleanValue("tracing", false);
    expect(events).toEqual(["tracing"]);
    push("another", 1_764_000_000_000);
    await client.getBooleanValue("tracing", false, { projectId: "another" });
    expect(events).toEqual(["tracing", "tracing"]);
    const { version: next } = redis.set({ enabled: true });
    await client.getBooleanValue("tracing", false);
    push("project", next);
    expect(events).toHaveLength(3);
  });
});

test("closing OpenFeature closes the client", async () => {
  const client = await connect();
  await client.getBooleanValue("tracing", false);
  const { requests } = tracing.stats().redis;
  await OpenFeature.close();
  await tracing.decide();
  expect(tracing.stats().redis.requests).toBe(requests);
});
