import { OFREPProvider } from "@openfeature/ofrep-provider";
import { type EvaluationContext, OpenFeature } from "@openfeature/server-sdk";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTracingToggle } from "../../sdk/src/index.ts";
import { apiOf } from "../harness/api.ts";
import { type Gate, startGate } from "../harness/gate.ts";
import { startLimitedWorker } from "../harness/limited-worker.ts";
import { captureLog } from "../harness/log.ts";
import { problemOf, roundTripsOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker, startWorker } from "../harness/worker.ts";

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let gate: Gate;
let admin: ReturnType<typeof apiOf>;
let id: string;
let key: string;

beforeAll(async () => {
  stack = await startStack();
  worker = await startWorker(stack);
  gate = await startGate(worker.url);
  admin = apiOf(worker, await stack.createKey());
});
afterAll(async () => {
  await gate?.close();
  await worker?.close();
  await stack?.close();
});
beforeEach(async () => {
  id = await stack.createProject();
  key = await stack.createKey({ scopes: ["report"], projectId: id });
});
afterEach(() => OpenFeature.clearProviders());

/** OpenFeature's client over its OFREP provider, which asks the Worker for every evaluation. */
async function connect(secret = key, baseUrl = gate.url) {
  const headers: [string, string][] = [["Authorization", `Bearer ${secret}`]];
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
  return OpenFeature.getClient();
}

/** What the flag is, for a caller who would trace when nobody told it otherwise. */
const evaluate = async (context: EvaluationContext = {}, secret = key) =>
  (await connect(secret)).getBooleanDetails("tracing", true, context);

describe("OpenFeature's OFREP provider", () => {
  test("on", async () => {
    const { version } = await admin.switch(id, true);
    expect(await evaluate({ targetingKey: "user-42" })).toEqual({
      flagKey: "tracing",
      value: true,
      variant: "on",
      reason: "STATIC",
      flagMetadata: { reason: "enabled", version, capture: "full", sampleRate: 1 },
    });
  });

  test("off, at the next evaluation", async () => {
    const client = await connect();
    expect(await client.getBooleanValue("tracing", false)).toBe(true);
    const { version } = await admin.switch(id, false);
    expect(await client.getBooleanDetails("tracing", true)).toEqual({
      flagKey: "tracing",
      value: false,
      variant: "off",
      reason: "DISABLED",
      flagMetadata: { reason: "disabled", version, capture: "full", sampleRate: 1 },
    });
  });

  test("a user's override", async () => {
    await admin.switch(id, false);
    await admin.call("PUT", `/projects/${id}/users/always`, { trace: true });
    await admin.call("PUT", `/projects/${id}/users/never`, { trace: false });
    const of = async (context: EvaluationContext) => {
      const { value, reason, flagMetadata } = await evaluate(context);
      return [value, reason, flagMetadata.reason];
    };
    expect(await of({ targetingKey: "always" })).toEqual([true, "TARGETING_MATCH", "user_override"]);
    expect(await of({ targetingKey: "always", userId: "never" })).toEqual([false, "TARGETING_MATCH", "user_override"]);
    expect(await of({ targetingKey: "else" })).toEqual([false, "DISABLED", "disabled"]);
  });

  test("the sample, of the same users as the SDK's", async () => {
    await admin.call("PATCH", `/projects/${id}/rules`, { sample_rate: 0.5 });
    const client = await connect();
    const tracing = createTracingToggle({
      projectId: id,
      redis: { url: stack.upstash.url, token: stack.tokens.readOnlyToken },
      api: null,
      timeoutMs: 5_000,
      logger: null,
    });
    const seen = new Set();
    for (let i = 0; i < 10; i++) {
      for (const [context, request] of [
        [{ targetingKey: `k${i}` }, { userId: `k${i}` }],
        [{ sessionId: `k${i}` }, { sessionId: `k${i}` }],
        [{ traceId: `k${i}` }, { traceId: `k${i}` }],
      ] as const) {
        const details = await client.getBooleanDetails("tracing", false, context);
        expect(details).toMatchObject({ value: await tracing.isEnabled(request), reason: "SPLIT" });
        seen.add(details.value);
      }
    }
    await tracing.close();
    expect(seen.size).toBe(2);
  });

  test("off by quiet hours, a lock, a break-glass, and when the project was deleted", async () => {
    const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const reason = async () => {
      const { value, reason: spec, flagMetadata } = await evaluate({ targetingKey: "always" });
      return value || spec !== "DISABLED" ? "traced" : flagMetadata.reason;
    };
    await admin.call("PATCH", `/projects/${id}/rules`, { schedule: [{ days, from: "00:00", to: "24:00" }] });
    expect(await reason()).toBe("schedule");
    await admin.call("PUT", `/projects/${id}/users/always`, { trace: true });
    expect(await reason()).toBe("traced");
    await admin.call("PUT", `/projects/${id}/lock`, { reason: "audit" });
    expect(await reason()).toBe("locked");
    await admin.call("DELETE", `/projects/${id}/lock`);
    await admin.call("PATCH", `/projects/${id}/rules`, { schedule: [] });
    await stack.redis.set(`tracing:${id}:enabled`, "false");
    expect(await reason()).toBe("break_glass");
    await admin.switch(id, true);
    expect(await reason()).toBe("traced");
    await admin.call("DELETE", `/projects/${id}`);
    expect(await reason()).toBe("deleted");
  });

  test("with a key for all projects, of the project in the context", async () => {
    await admin.switch(id, false);
    const wide = await stack.createKey({ scopes: ["read"] });
    expect(await evaluate({ projectId: id }, wide)).toMatchObject({ value: false, reason: "DISABLED" });
    expect(await evaluate({}, wide)).toMatchObject({
      value: true,
      errorCode: "INVALID_CONTEXT",
      errorMessage: "context.projectId: is required, since this key is for all projects",
    });
  });

  test("an unknown project, and another flag, are not found", async () => {
    const unknown = { reason: "ERROR", errorCode: "FLAG_NOT_FOUND" };
    expect(await evaluate({ projectId: crypto.randomUUID() })).toMatchObject(unknown);
    expect(await evaluate({ projectId: await stack.createProject() }), "of another key").toMatchObject(unknown);
    const client = await connect();
    expect(await client.getBooleanDetails("other", true)).toMatchObject({ ...unknown, value: true });
  });

  test("with a wrong key, or with nobody there, the answer is the caller's default", async () => {
    const wrong = `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`;
    expect(await evaluate({}, wrong)).toMatchObject({ value: true, reason: "ERROR", errorCode: "GENERAL" });
    gate.mode = "cut";
    const client = await connect();
    expect(await client.getBooleanDetails("tracing", false)).toMatchObject({ value: false, errorCode: "GENERAL" });
    gate.mode = "pass";
    expect(await client.getBooleanDetails("tracing", false)).toMatchObject({ value: true, reason: "STATIC" });
  });

  test("as a flag of another type it is a mismatch", async () => {
    const client = await connect();
    expect(await client.getStringDetails("tracing", "x")).toMatchObject({ errorCode: "TYPE_MISMATCH", value: "x" });
  });
});

describe("with a key that is used too often", () => {
  const LIMIT = 5;
  let limited: Awaited<ReturnType<typeof startLimitedWorker>>;
  let entrance: Gate;
  beforeAll(async () => {
    limited = await startLimitedWorker(stack, { address: 1_000, key: LIMIT, failure: 100 });
    entrance = await startGate(limited.url);
  });
  afterAll(async () => {
    await entrance?.close();
    await limited?.close();
  });

  test("the provider asks no more until Retry-After has passed, and answers with the caller's default", async () => {
    const client = await connect(key, entrance.url);
    const paused = { value: false, reason: "ERROR", errorMessage: expect.stringContaining("TooManyRequests") };
    const evaluate = () => client.getBooleanDetails("tracing", false);
    await expect.poll(evaluate, { timeout: 30_000, interval: 0 }).toMatchObject(paused);
    const refused = entrance.requests();
    expect(refused).toBeLessThanOrEqual(2 * LIMIT + 1); // two periods at most
    for (let i = 0; i < 1_000; i++) expect(await evaluate()).toMatchObject(paused);
    expect(entrance.requests()).toBe(refused);
    await expect.poll(evaluate, { timeout: 30_000, interval: 20 }).toMatchObject({ value: true, reason: "STATIC" });
    expect(entrance.requests()).toBe(refused + 1);
  }, 60_000);
});

describe("POST /ofrep/v1/evaluate/flags/tracing", () => {
  const post = (body: unknown, { secret = key, flag = "tracing", type = "application/json" } = {}) =>
    worker.fetch(`/ofrep/v1/evaluate/flags/${flag}`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": type },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  test("answers as the protocol has it, and is not kept by a cache", async () => {
    const response = await post({ context: { targetingKey: "user-42", tier: { any: ["thing"] } }, more: true });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      key: "tracing",
      value: true,
      reason: "STATIC",
      variant: "on",
      metadata: { reason: "enabled", version: expect.any(Number), capture: "full", sampleRate: 1 },
    });
  });

  test("reads Redis once, and no Postgres, with the key remembered", async () => {
    await post({});
    expect(roundTripsOf(await post({}))).toEqual({ db: 0, redis: 1 });
  });

  test.each([
    ["{", "PARSE_ERROR", "malformed_json"],
    ["", "PARSE_ERROR", "malformed_json"],
    ["[]", "INVALID_CONTEXT", "invalid_context"],
    [{ context: "user-42" }, "INVALID_CONTEXT", "invalid_context"],
    [{ context: { targetingKey: ["user-42"] } }, "INVALID_CONTEXT", "invalid_context"],
    [{ context: { projectId: "checkout" } }, "INVALID_CONTEXT", "invalid_context"],
  ])("answers %j with %s, which is a problem, too", async (body, errorCode, code) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ key: "tracing", errorCode, errorDetails: problem.detail, code });
  });

  test("answers another content type with PARSE_ERROR", async () => {
    const response = await post({}, { type: "text/plain" });
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({ errorCode: "PARSE_ERROR" });
  });

  test("a context with null where there is nothing is fine", async () => {
    const empty = { targetingKey: null, userId: null, sessionId: null, traceId: null, projectId: null };
    expect((await post({ context: empty })).status).toBe(200);
    expect((await post({})).status).toBe(200);
  });

  test("needs a key, of a scope that may read; says so in the protocol's fields", async () => {
    const none = await worker.fetch("/ofrep/v1/evaluate/flags/tracing", { method: "POST" });
    expect(none.status).toBe(401);
    expect(await problemOf(none)).toMatchObject({ code: "unauthenticated", errorCode: "GENERAL", key: "tracing" });
    for (const scope of ["read", "write", "admin", "report"] as const) {
      expect((await post({}, { secret: await stack.createKey({ scopes: [scope], projectId: id }) })).status).toBe(200);
    }
    const other = await post({}, { flag: "other" });
    expect(other.status).toBe(404);
    expect(await problemOf(other)).toMatchObject({ key: "other", errorCode: "FLAG_NOT_FOUND", code: "not_found" });
  });

  test("a body beyond the limit is refused, also in chunks", async () => {
    const large = `{"context":{"more":"${"x".repeat(70_000)}"}}`;
    expect((await problemOf(await post(large))).code).toBe("body_too_large");
    const chunked = await worker.fetch("/ofrep/v1/evaluate/flags/tracing", {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: new Blob([large]).stream(),
      duplex: "half",
    } as RequestInit);
    expect((await problemOf(chunked)).code).toBe("body_too_large");
  });
});

describe("with stores away", () => {
  captureLog();

  test("one is enough; without either it is a 503", async () => {
    const [database, redis] = await Promise.all([startGate(stack.neon.url), startGate(stack.upstash.url)]);
    const gates = { NEON_FETCH_ENDPOINT: `${database.url}/sql`, UPSTASH_REDIS_REST_URL: redis.url };
    const inside = createWorker({ workerEnv: { ...stack.workerEnv, ...gates } });
    const post = () =>
      inside.fetch("/ofrep/v1/evaluate/flags/tracing", {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: "{}",
      });
    expect((await post()).status).toBe(200);
    database.mode = "cut";
    expect((await post()).status, "Redis alone").toBe(200);
    redis.mode = "cut";
    const response = await post();
    expect(response.status).toBe(503);
    expect(await problemOf(response)).toMatchObject({ code: "unavailable", errorCode: "GENERAL" });
    await inside.settled();
    await Promise.all([database.close(), redis.close()]);
  });
});
