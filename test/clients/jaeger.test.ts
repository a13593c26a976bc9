import { type DiagLogger, DiagLogLevel, diag, ROOT_CONTEXT } from "@opentelemetry/api";
import { JaegerRemoteSampler } from "@opentelemetry/sampler-jaeger-remote";
import { AlwaysOffSampler, AlwaysOnSampler, BasicTracerProvider, type Sampler } from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { listen } from "../../dev/listen.ts";
import { apiOf } from "../harness/api.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { startLimitedWorker } from "../harness/limited-worker.ts";
import { captureLog } from "../harness/log.ts";
import { problemOf, roundTripsOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker, startWorker } from "../harness/worker.ts";

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let admin: ReturnType<typeof apiOf>;
let id: string;
let key: string;

beforeAll(async () => {
  stack = await startStack();
  worker = await startWorker(stack);
  admin = apiOf(worker, await stack.createKey());
});
afterAll(async () => {
  await worker?.close();
  await stack?.close();
});
beforeEach(async () => {
  id = await stack.createProject();
  key = await stack.createKey({ scopes: ["read"], projectId: id });
});
afterEach(() => diag.disable());

const rules = (body: object) => admin.call("PATCH", `/projects/${id}/rules`, body);
const sampling = (secret = key, service = id) => worker.fetch(`/k/${secret}/sampling?service=${service}`);
// A busy machine must not be taken for a sampler that does not ask.
const PATIENT = { timeout: 15_000, interval: 10 };
const INTERVAL_MS = 20;
const EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** OpenTelemetry's tracer with Jaeger's sampler on the Worker, which it asks every 20 ms; and what the sampler complains of. */
function trace({ url = worker.url, secret = key, initialSampler = new AlwaysOnSampler() as Sampler } = {}) {
  const complaints: string[] = [];
  const say = (...words: unknown[]) => void complaints.push(words.map(String).join(" "));
  diag.setLogger({ error: say, warn: say } as unknown as DiagLogger, {
    logLevel: DiagLogLevel.WARN,
    suppressOverrideMessage: true,
  });
  // The sampler's timer cannot be stopped otherwise.
  const timers = vi.spyOn(globalThis, "setInterval");
  const sampler = new JaegerRemoteSampler({
    endpoint: `${url}/k/${secret}`,
    serviceName: id,
    initialSampler,
    poolingInterval: INTERVAL_MS,
  });
  const [timer] = timers.mock.results;
  timers.mockRestore();
  onTestFinished(() => clearInterval(timer?.value));
  const tracer = new BasicTracerProvider({ sampler }).getTracer("test");
  return {
    complaints,
    /** Waits until the sampler has this rate from the Worker. */
    rate: (rate: number) => expect.poll(() => `${sampler}`, PATIENT).toContain(`TraceIdRatioBased{${rate}}`),
    /** How many of so many requests are recorded. */
    recorded(count: number): number {
      let recorded = 0;
      for (let i = 0; i < count; i++) {
        const span = tracer.startSpan("request", {}, ROOT_CONTEXT);
        if (span.isRecording()) recorded++;
        span.end();
      }
      return recorded;
    },
  };
}

describe("OpenTelemetry's JaegerRemoteSampler", () => {
  test("follows the switch off, and on again", async () => {
    const service = trace();
    await service.rate(1);
    expect(service.recorded(100)).toBe(100);
    await admin.switch(id, false);
    await service.rate(0);
    expect(service.recorded(100)).toBe(0);
    await admin.switch(id, true);
    await service.rate(1);
    expect(service.recorded(100)).toBe(100);
    expect(service.complaints).toEqual([]);
  });

  test("keeps 30 % of the traces at a sample rate of 0.3", async () => {
    await rules({ sample_rate: 0.3 });
    const service = trace();
    await service.rate(0.3);
    const share = service.recorded(10_000) / 10_000;
    expect(share).toBeGreaterThan(0.27); // 6.5 standard deviations
    expect(share).toBeLessThan(0.33);
  });

  test("is off in quiet hours", async () => {
    await rules({ schedule: [{ days: EVERY_DAY, from: "00:00", to: "24:00" }] });
    const service = trace();
    await service.rate(0);
    expect(service.recorded(100)).toBe(0);
  });

  test("goes off when quiet hours begin, which nobody writes anywhere", async () => {
    await rules({ schedule: [{ days: EVERY_DAY, from: "02:00", to: "03:00" }] });
    const clock = { now: new Date().setUTCHours(1, 59, 59, 999) };
    const inside = createWorker(stack, clock);
    await stack.redis.del(`tracing:${id}:policy`); // filled by this clock
    const server = await listen(
      ({ url, headers }) => inside.fetch(url.slice(new URL(url).origin.length), { headers }),
      { port: 0, host: "127.0.0.1" },
    );
    onTestFinished(server.close);
    const service = trace({ url: `http://127.0.0.1:${server.port}` });
    await service.rate(1);
    clock.now += 1;
    await service.rate(0);
    expect(service.recorded(100)).toBe(0);
  });

  test("is off by a break-glass, and when the project is locked or deleted", async () => {
    await admin.switch(id, true);
    const service = trace();
    await service.rate(1);
    await stack.redis.set(`tracing:${id}:enabled`, "false");
    await service.rate(0);
    await admin.switch(id, true);
    await service.rate(1);
    await admin.call("PUT", `/projects/${id}/lock`, { reason: "audit" });
    await service.rate(0);
    await admin.call("DELETE", `/projects/${id}/lock`);
    await service.rate(1);
    await admin.call("DELETE", `/projects/${id}`);
    await service.rate(0);
    expect(service.recorded(100)).toBe(0);
  });

  test("with a wrong key keeps its initial sampler, and its complaint does not have the key", async () => {
    const secret = `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`;
    const service = trace({ secret, initialSampler: new AlwaysOffSampler() });
    await expect.poll(() => service.complaints, PATIENT).toContainEqual(expect.stringContaining("401"));
    expect(service.recorded(100)).toBe(0);
    expect(service.complaints.join()).not.toContain(secret.slice(3, 15));
  });
});

describe("with a key that is used too often", () => {
  let limited: Awaited<ReturnType<typeof startLimitedWorker>>;
  let entrance: Gate;
  beforeAll(async () => {
    limited = await startLimitedWorker(stack, { address: 1_000, key: 5, failure: 100 });
    entrance = await startGate(limited.url);
  });
  afterAll(async () => {
    await entrance?.close();
    await limited?.close();
  });

  test("the sampler stays at what it had, asks on at its interval, and follows the switch when it is let in again", async () => {
    await admin.switch(id, false);
    const began = Date.now();
    const service = trace({ url: entrance.url });
    await service.rate(0);
    await expect.poll(() => service.complaints.length, PATIENT).toBeGreaterThan(10);
    expect(service.complaints).toContainEqual(expect.stringContaining("429"));
    expect(service.recorded(100)).toBe(0);
    const requests = entrance.requests();
    expect(requests).toBeLessThanOrEqual((Date.now() - began) / INTERVAL_MS + 1);
    await admin.switch(id, true);
    await service.rate(1);
    expect(service.recorded(100)).toBe(100);
  }, 60_000);
});

describe("GET /k/<key>/sampling", () => {
  test("answers a strategy that no cache keeps, and no page's link gives away", async () => {
    const response = await sampling();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      strategyType: "PROBABILISTIC",
      probabilisticSampling: { samplingRate: 1 },
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  });

  test("reads Redis once, and no Postgres, with the key remembered", async () => {
    await sampling();
    expect(roundTripsOf(await sampling())).toEqual({ db: 0, redis: 1 });
  });

  test("takes the project's id in capitals, too", async () => {
    expect((await sampling(key, id.toUpperCase())).status).toBe(200);
  });

  test.each([
    ["without a project", { scopes: ["read"] as const }],
    ["that may write", { scopes: ["write"] as const, own: true }],
    ["that may report, too", { scopes: ["read", "report"] as const, own: true }],
    ["that is an admin's", { scopes: ["admin"] as const }],
  ])("refuses a key %s", async (_, { scopes, own = false }: { scopes: readonly string[]; own?: boolean }) => {
    const wide = await stack.createKey({ scopes: [...scopes] as never, ...(own && { projectId: id }) });
    const response = await sampling(wide);
    expect(response.status).toBe(403);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ code: "forbidden", detail: expect.stringContaining("Revoke this one") });
    expect(JSON.stringify(problem)).not.toContain(wide.slice(3, 15));
  });

  test("does not tell another project from one that does not exist", async () => {
    const other = await stack.createProject();
    const problems = await Promise.all([other, crypto.randomUUID()].map(async (service) => sampling(key, service)));
    expect(problems.map(({ status }) => status)).toEqual([404, 404]);
    for (const response of problems) expect(await problemOf(response)).toMatchObject({ code: "project_not_found" });
  });

  test("says what is wrong with the service name", async () => {
    for (const path of [`/k/${key}/sampling`, `/k/${key}/sampling?service=checkout`]) {
      const response = await worker.fetch(path);
      expect(response.status).toBe(400);
      expect(await problemOf(response)).toMatchObject({ code: "invalid_query", errors: [{ field: "service" }] });
    }
  });

  test("no answer has the key, whatever is asked", async () => {
    const asked = [
      ["POST", `/k/${key}/sampling?service=${id}`],
      ["GET", `/k/${key}`],
      ["GET", `/k/${key}/elsewhere`],
      ["GET", `/k/x${key}/sampling`],
      ["GET", `/k/${encodeURIComponent(` ${key}`)}/sampling`],
      ["GET", `/api/v1/${key}`],
    ] as const;
    for (const [method, path] of asked) {
      const response = await worker.fetch(path, { method });
      expect(response.status, `${method} ${path}`).toBeGreaterThanOrEqual(400);
      const said = JSON.stringify([await problemOf(response), ...response.headers]);
      expect(said, `${method} ${path}`).not.toContain(key.slice(3));
    }
  });
});

describe("with a store away", () => {
  const log = captureLog();
  let database: Gate;
  let redis: Gate;
  let inside: ReturnType<typeof createWorker>;

  beforeEach(async () => {
    [database, redis] = await Promise.all([startGate(stack.neon.url), startGate(stack.upstash.url)]);
    const gates = { NEON_FETCH_ENDPOINT: `${database.url}/sql`, UPSTASH_REDIS_REST_URL: redis.url };
    inside = createWorker({ workerEnv: { ...stack.workerEnv, ...gates } });
    await rules({ sample_rate: 0.5 });
    expect(await rate()).toBe(0.5);
  });
  afterEach(async () => {
    await inside.settled();
    await Promise.all([database.close(), redis.close()]);
  });

  const ask = () => inside.fetch(`/k/${key}/sampling?service=${id}`);
  const rate = async () => (await (await ask()).json()).probabilisticSampling.samplingRate;

  test("the rate comes from the other", async () => {
    database.mode = "cut";
    expect(await rate()).toBe(0.5);
    database.mode = "pass";
    redis.mode = "cut";
    expect(await rate()).toBe(0.5);
  });

  test("without either it is a 503, which leaves a client with what it has; no log has the key", async () => {
    database.mode = "cut";
    redis.mode = "cut";
    const response = await ask();
    expect(response.status).toBe(503);
    const said = JSON.stringify([await problemOf(response), log.lines]);
    expect(said).not.toContain(key.slice(3));
  });
});
