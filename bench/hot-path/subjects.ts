import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TracingToggle, TracingToggleOptions } from "tracing-toggle";
import { instantRedis, loadSdk, PROJECT, policy } from "../sdk.ts";
import { murmur3, projects } from "./floors.ts";
import { traceIds, userIds } from "./ids.ts";

interface Setup {
  ids: string[];
  /** The share of the ids that is decided "true"; a subject that decides otherwise is not set up as it should be. */
  share: number;
}

/** A way to decide, ready to be called with ids in turn. */
export type Subject = Setup &
  ({ decide: (id: string) => boolean } | { decideAsync: (id: string) => Promise<unknown>; isTrue: IsTrue });

type IsTrue = (decision: unknown) => boolean;

/** Each is set up in a process of its own. */
export const subjects: Record<string, () => Promise<Subject>> = {
  "floor: Map lookup": async () => {
    const known = projects();
    return sync(() => known.get("project-42")?.enabled === true, 1);
  },
  "floor: the clock alone": async () => sync(() => Date.now() > 0, 1),
  "floor: Map + seed + murmur3": async () => {
    const known = projects();
    return sync((id) => {
      const project = known.get("project-42");
      return project?.enabled === true && murmur3(id, project.seed) < project.threshold;
    });
  },
  "floor: async Map + murmur3": async () => {
    const known = projects();
    return promised(async (id) => {
      const project = known.get("project-42");
      return project?.enabled === true && murmur3(id, project.seed) < project.threshold;
    });
  },

  "flagd-core, on/off": () => flagd("toggle"),
  "configcat snapshot, on/off": () => configcatSnapshot("toggle"),
  "unleash, on/off": () => unleash("toggle"),

  "OpenTelemetry ratio sampler": otelRatio,
  "jaeger-remote sampler": jaegerRemote,
  "flagd-core, 30 %": () => flagd("rollout"),
  "unleash, 30 %": () => unleash("rollout"),
  "growthbook, 30 %": growthbook,

  "launchdarkly, on/off": () => launchdarkly("toggle"),
  "launchdarkly, 30 %": () => launchdarkly("rollout"),
  "configcat, 30 %": configcatAsync,

  "peek, on": () => peek(policy(), 1),
  "peek, off": () => peek(policy({ enabled: false, reason: "disabled" }), 0),
  "peek, 30 %": () => peek(policy({ sample_rate: 0.3 })),
  "peek, 30 %, 500 user overrides": () => peek(policy({ sample_rate: 0.3, overrides: manyOverrides() })),
  "peek, 30 %, policy with everything": () => peek(policy(everything())),
  "peek, 30 %, one of 100 projects": async () => {
    const tracing = await client(policy({ sample_rate: 0.3 }));
    for (let i = 0; i < 100; i++) await tracing.ready({ projectId: `project-${i}` });
    return sync((id) => tracing.peek({ projectId: "project-42", userId: id }).trace);
  },
  "await decide(), 30 %": async () => {
    const tracing = await client(policy({ sample_rate: 0.3 }));
    return promised((id) => tracing.decide({ userId: id }), isTraced);
  },
  "await isEnabled(), 30 %": async () => {
    const tracing = await client(policy({ sample_rate: 0.3 }));
    return promised((id) => tracing.isEnabled({ userId: id }));
  },
};

const sync = (decide: (id: string) => boolean, share = 0.3, ids = userIds()): Subject => ({ ids, share, decide });

const isItself: IsTrue = (decision) => decision === true;
const isTraced: IsTrue = (decision) => (decision as { trace: boolean }).trace;

const promised = (decideAsync: (id: string) => Promise<unknown>, isTrue: IsTrue = isItself, share = 0.3): Subject => ({
  ids: userIds(),
  share,
  decideAsync,
  isTrue,
});

/** With the default settings: the snapshot goes stale after a second and is refreshed as it would be in production. */
async function client(document: string, options: TracingToggleOptions = {}): Promise<TracingToggle> {
  const { createTracingToggle } = await loadSdk();
  const redis = instantRedis(document);
  const tracing = createTracingToggle({ projectId: PROJECT, redis, api: null, logger: null, ...options });
  await tracing.ready();
  return tracing;
}

async function peek(document: string, share?: number): Promise<Subject> {
  const tracing = await client(document);
  return sync((id) => tracing.peek({ userId: id }).trace, share);
}

/** Of users that do not occur among the ids: the share of decisions stays the same. */
const manyOverrides = () =>
  Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`other-user-${i}`, [false, null]]));

/** As many user overrides as there may be, none of whom is asked for, and the changes of 21 windows, all of them ahead. */
function everything() {
  const now = Date.now();
  const override = (i: number) => (i < 500 ? [true, now + 30 * 86_400_000] : [false, null]);
  const change = (i: number) => [now + (i + 1) * 1_800_000, i % 2 > 0, i % 2 > 0 ? "enabled" : "schedule"];
  return {
    sample_rate: 0.3,
    capture: "metadata",
    when_unavailable: "skip",
    until: now + 86_400_000,
    overrides: Object.fromEntries(Array.from({ length: 2_500 }, (_, i) => [crypto.randomUUID(), override(i)])),
    transitions: Array.from({ length: 84 }, (_, i) => change(i)),
  };
}

/** Peers have two flags: on for everyone, and on for 30 %. */
const shareOf = (flag: Flag): number => (flag === "toggle" ? 1 : 0.3);

type Flag = "toggle" | "rollout";

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

async function flagd(flag: Flag): Promise<Subject> {
  const { FlagdCore } = await import("@openfeature/flagd-core");
  const core = new FlagdCore();
  const variants = { on: true, off: false };
  const fractional = [{ var: "targetingKey" }, ["on", 30], ["off", 70]];
  core.setConfigurations(
    JSON.stringify({
      flags: {
        toggle: { state: "ENABLED", variants, defaultVariant: "on" },
        rollout: { state: "ENABLED", variants, defaultVariant: "off", targeting: { fractional } },
      },
    }),
  );
  return sync((id) => core.resolveBooleanEvaluation(flag, false, { targetingKey: id }).value, shareOf(flag));
}

async function unleash(flag: Flag): Promise<Subject> {
  const { Unleash } = await import("unleash-client");
  const feature = (name: string, strategies: object[]) => ({
    name,
    enabled: true,
    type: "release",
    project: "default",
    stale: false,
    variants: [],
    impressionData: false,
    strategies,
  });
  const parameters = { rollout: "30", stickiness: "userId", groupId: "rollout" };
  const data = [
    feature("toggle", [{ name: "default", parameters: {}, constraints: [] }]),
    feature("rollout", [{ name: "flexibleRollout", parameters, constraints: [] }]),
  ];
  const unleash = new Unleash({
    appName: "bench",
    url: "http://127.0.0.1:9/api/",
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    bootstrap: { data: data as never },
    storageProvider: { set: async () => {}, get: async () => undefined },
  });
  unleash.on("error", () => {});
  unleash.on("warn", () => {});
  await new Promise<void>((resolve) => unleash.on("ready", resolve));
  return sync((id) => unleash.isEnabled(flag, { userId: id }), shareOf(flag));
}

async function growthbook(): Promise<Subject> {
  const { GrowthBookClient } = await import("@growthbook/growthbook");
  const growthbook = new GrowthBookClient({});
  const rules = [{ force: true, coverage: 0.3, hashAttribute: "id" }];
  growthbook.initSync({ payload: { features: { rollout: { defaultValue: false, rules } } } });
  return sync((id) => growthbook.isOn("rollout", { attributes: { id } }));
}

async function configcat() {
  const { createConsoleLogger, getClient, OverrideBehaviour, PollingMode, User } = await import("@configcat/sdk");
  const settings = {
    toggle: { t: 0, v: { b: true } },
    rollout: {
      t: 0,
      v: { b: false },
      a: "Identifier",
      p: [
        { p: 30, v: { b: true } },
        { p: 70, v: { b: false } },
      ],
    },
  };
  const dataSource = { getOverrides: () => settings, getOverridesSync: () => settings };
  const client = getClient(`configcat-sdk-1/${"0".repeat(22)}/${"0".repeat(22)}`, PollingMode.ManualPoll, {
    logger: createConsoleLogger(-1),
    flagOverrides: { dataSource: dataSource as never, behaviour: OverrideBehaviour.LocalOnly },
  });
  return { client, User };
}

async function configcatSnapshot(flag: Flag): Promise<Subject> {
  const { client, User } = await configcat();
  return sync((id) => client.snapshot().getValue(flag, false, new User(id)) as boolean, shareOf(flag));
}

async function configcatAsync(): Promise<Subject> {
  const { client, User } = await configcat();
  return promised((id) => client.getValueAsync("rollout", false, new User(id)));
}

async function launchdarkly(flag: Flag): Promise<Subject> {
  const { init } = await import("@launchdarkly/node-server-sdk");
  const { TestData } = await import("@launchdarkly/node-server-sdk/integrations");
  const data = new TestData();
  const base = { version: 1, on: true, salt: "s", variations: [true, false], offVariation: 1, targets: [], rules: [] };
  const shares = [
    { variation: 0, weight: 30_000 },
    { variation: 1, weight: 70_000 },
  ];
  data.usePreconfiguredFlag({ ...base, key: "toggle", prerequisites: [], fallthrough: { variation: 0 } });
  data.usePreconfiguredFlag({
    ...base,
    key: "rollout",
    prerequisites: [],
    fallthrough: { rollout: { variations: shares } },
  });
  const client = init("sdk-key", {
    updateProcessor: data.getFactory() as never,
    sendEvents: false,
    diagnosticOptOut: true,
    logger: SILENT,
  });
  await client.waitForInitialization({ timeout: 5 });
  return promised((id) => client.boolVariation(flag, { kind: "user", key: id }, false), isItself, shareOf(flag));
}

/** A sampler decides by trace id. */
async function sampled(sampler: import("@opentelemetry/api").Sampler): Promise<Subject> {
  const { ROOT_CONTEXT, SamplingDecision, SpanKind } = await import("@opentelemetry/api");
  const attributes = { "url.path": "/api/chat", "http.request.method": "POST" };
  const { RECORD_AND_SAMPLED } = SamplingDecision;
  const decide = (id: string): boolean =>
    sampler.shouldSample(ROOT_CONTEXT, id, "POST /api/chat", SpanKind.SERVER, attributes, []).decision ===
    RECORD_AND_SAMPLED;
  return sync(decide, 0.3, traceIds());
}

async function otelRatio(): Promise<Subject> {
  const { TraceIdRatioBasedSampler } = await import("@opentelemetry/sdk-trace-base");
  return sampled(new TraceIdRatioBasedSampler(0.3));
}

async function jaegerRemote(): Promise<Subject> {
  const { JaegerRemoteSampler } = await import("@opentelemetry/sampler-jaeger-remote");
  const { AlwaysOffSampler } = await import("@opentelemetry/sdk-trace-base");
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end('{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.3}}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sampler = new JaegerRemoteSampler({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serviceName: "bench",
    initialSampler: new AlwaysOffSampler(),
    poolingInterval: 2 ** 31 - 1,
  });
  await (sampler as unknown as { getAndUpdateSampler(): Promise<void> }).getAndUpdateSampler();
  server.closeAllConnections();
  server.close();
  return sampled(sampler as never);
}
