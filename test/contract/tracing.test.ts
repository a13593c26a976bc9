import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { expectTraceable, problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let admin: ReturnType<typeof apiOf>;
let id: string;

const patch = (body: unknown) => admin.call("PATCH", `/projects/${id}/tracing`, body);
const get = (headers?: Record<string, string>) => admin.call("GET", `/projects/${id}/tracing`, undefined, headers);
const redisKey = (name: string) => `tracing:${id}:${name}`;
const eventsOf = async (query = "") => (await admin.call("GET", `/projects/${id}/events${query}`)).json();

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack);
  admin = apiOf(worker, await stack.createKey({ name: "ci pipeline" }));
});
afterAll(() => stack?.close());
afterEach(() => worker.settled());
beforeEach(async () => {
  id = await stack.createProject();
});

test("switching off answers with what was done, and is in Redis when the answer arrives", async () => {
  const response = await patch({ tracing_enabled: false });
  expect(response.status).toBe(200);
  expectTraceable(response);
  expect(await response.json()).toEqual({
    status: "ok",
    tracing_enabled: false,
    message: "Tracing disabled for project",
    version: expect.any(Number),
    propagation: "live",
    effective: false,
    reason: "disabled",
    override: null,
    before: { tracing_enabled: true, override: null, break_glass: false },
  });
  expect(await stack.redis.get(redisKey("enabled"))).toBe("false");
});

test("a change answers with what it found, which another may have set meanwhile", async () => {
  const forAWhile = await (await patch({ tracing_enabled: false, duration_seconds: 600 })).json();
  expect(forAWhile.override.trace).toBe(false);
  const { before } = await (await patch({ tracing_enabled: true })).json();
  expect(before).toEqual({ tracing_enabled: true, override: forAWhile.override, break_glass: false });
  await Promise.all([patch({ tracing_enabled: false }), patch({ tracing_enabled: false })]);
  const last = await (await patch({ tracing_enabled: true })).json();
  expect(last.before).toEqual({ tracing_enabled: false, override: null, break_glass: false });
});

test("a change for a version that is no longer the project's is refused, and nothing is changed", async () => {
  const { version } = await (await patch({ tracing_enabled: false })).json();
  const forVersion = (of: number) =>
    admin.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: true }, { "if-match": `"${of}"` });
  const refused = await forVersion(version - 1);
  expect(refused.status).toBe(412);
  expect(await problemOf(refused)).toMatchObject({ code: "version_mismatch" });
  expect(await stack.redis.get(redisKey("enabled"))).toBe("false");
  const [first, second] = await Promise.all([forVersion(version), forVersion(version)]);
  expect([first.status, second.status].sort(), "one of two at once").toEqual([200, 412]);
});

test("switching on answers with what was done, and is in Redis when the answer arrives", async () => {
  await patch({ tracing_enabled: false });
  expect(await (await patch({ tracing_enabled: true })).json()).toEqual({
    status: "ok",
    tracing_enabled: true,
    message: "Tracing enabled for project",
    version: expect.any(Number),
    propagation: "live",
    effective: true,
    reason: "enabled",
    override: null,
    before: { tracing_enabled: false, override: null, break_glass: false },
  });
  expect(await stack.redis.get(redisKey("enabled"))).toBe("true");
});

test("the project shows the switch", async () => {
  await patch({ tracing_enabled: false });
  const project = await (await admin.call("GET", `/projects/${id}`)).json();
  expect(project).toMatchObject({ tracing_enabled: false, effective: false, reason: "disabled" });
});

test("false lives a week in Redis, true five minutes, the document a week, the version two", async () => {
  const day = 86_400;
  await patch({ tracing_enabled: false });
  expect(await stack.redis.ttl(redisKey("enabled"))).toBeGreaterThan(7 * day - 60);
  await patch({ tracing_enabled: true });
  const ttls = await Promise.all(["enabled", "policy", "version"].map((name) => stack.redis.ttl(redisKey(name))));
  for (const [i, expected] of [300, 7 * day, 14 * day].entries()) {
    expect(ttls[i]).toBeGreaterThan(expected - 60);
    expect(ttls[i]).toBeLessThanOrEqual(expected);
  }
});

test("every change raises the version and is told on the channel, also one from off to off", async () => {
  const subscriber = stack.redis.duplicate();
  onTestFinished(() => subscriber.disconnect());
  const told: string[] = [];
  const twice = new Promise<void>((resolve) => {
    subscriber.on("message", (_, version) => told.push(version) === 2 && resolve());
  });
  await subscriber.subscribe(redisKey("changes"));
  const first = (await (await patch({ tracing_enabled: false })).json()).version;
  const second = (await (await patch({ tracing_enabled: false })).json()).version;
  expect(second).toBeGreaterThan(first);
  await twice;
  expect(told).toEqual([`${first}`, `${second}`]);
  expect(await stack.redis.get(redisKey("version"))).toBe(`${second}`);
});

test("a version is the instant of its change", async () => {
  const before = Date.now();
  const { version } = await (await patch({ tracing_enabled: false })).json();
  expect(version).toBeGreaterThan(before - 5_000);
  expect(version).toBeLessThan(Date.now() + 5_000);
});

describe("GET tracing", () => {
  test("tells on a hit what stands in Redis", async () => {
    const { version } = await (await patch({ tracing_enabled: false })).json();
    const response = await get();
    expect(response.status).toBe(200);
    expectTraceable(response);
    expect(await response.json()).toEqual({
      effective: false,
      reason: "disabled",
      enabled: false,
      policy: JSON.parse((await stack.redis.get(redisKey("policy"))) as string),
      source: "redis",
      version,
    });
  });

  test("fills Redis on a miss with the state of the database", async () => {
    await stack.sql`update projects set tracing_enabled = false where id = ${id}`;
    expect(await stack.redis.exists(redisKey("enabled"), redisKey("policy"), redisKey("version"))).toBe(0);
    const filled = await (await get()).json();
    expect(filled).toMatchObject({ effective: false, reason: "disabled", enabled: null, source: "postgres" });
    expect(await stack.redis.get(redisKey("enabled"))).toBe("false");
    expect(await stack.redis.get(redisKey("version"))).toBe(`${filled.version}`);
    expect(await (await get()).json()).toMatchObject({ enabled: false, source: "redis", version: filled.version });
  });

  test("takes a true without a document for a miss, and a false for off even if the database says on", async () => {
    await stack.redis.set(redisKey("enabled"), "true");
    expect(await (await get()).json()).toMatchObject({ enabled: true, source: "postgres", effective: true });
    await stack.redis.del(redisKey("policy"));
    await stack.redis.set(redisKey("enabled"), "false");
    expect(await (await get()).json()).toMatchObject({ enabled: false, effective: false, reason: "break_glass" });
  });

  test("takes a document past its `until` for a miss", async () => {
    const { version } = await (await patch({ tracing_enabled: true })).json();
    const stale = { version, enabled: true, until: Date.now() - 1 };
    await stack.redis.set(redisKey("policy"), JSON.stringify(stale));
    expect(await (await get()).json()).toMatchObject({ source: "postgres", version });
    expect(JSON.parse((await stack.redis.get(redisKey("policy"))) as string).until).toBeGreaterThan(Date.now());
  });

  test("shows a break-glass, which PATCH lifts", async () => {
    await patch({ tracing_enabled: true });
    await stack.redis.set(redisKey("enabled"), "false");
    expect(await (await get()).json()).toMatchObject({ effective: false, reason: "break_glass", enabled: false });
    expect(await (await patch({ tracing_enabled: true })).json()).toMatchObject({
      propagation: "live",
      effective: true,
    });
    expect(await (await get()).json()).toMatchObject({ effective: true, reason: "enabled", enabled: true });
  });

  test("answers 304 as long as nothing changes, also to a list of tags and to a weakened one", async () => {
    await patch({ tracing_enabled: true });
    const etag = (await get()).headers.get("etag") as string;
    expect(etag).toMatch(/^(W\/)?"[^"]+"$/);
    const bare = etag.replace("W/", "");
    for (const sent of [etag, `W/${bare}`, `"other", ${etag}`, "*"]) {
      const unchanged = await get({ "if-none-match": sent });
      expect(unchanged.status, sent).toBe(304);
      expect(unchanged.headers.get("etag")).toBe(etag);
      expect(await unchanged.text()).toBe("");
      expectTraceable(unchanged);
    }
    expect((await get({ "if-none-match": '"other"' })).status).toBe(200);
    await stack.redis.set(redisKey("enabled"), "false");
    expect((await get({ "if-none-match": etag })).status, "after a break-glass").toBe(200);
    await patch({ tracing_enabled: true });
    expect((await get({ "if-none-match": etag })).status, "after a change").toBe(200);
  });

  test("answers 200 to the tag of a document that has meanwhile been renewed", async () => {
    const { version } = await (await patch({ tracing_enabled: true })).json();
    const etag = (await get()).headers.get("etag") as string;
    const renewed = { version, enabled: true, reason: "enabled", until: Date.now() + 48 * 3_600_000 };
    await stack.redis.set(redisKey("policy"), JSON.stringify(renewed));
    const response = await get({ "if-none-match": etag });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ policy: { until: renewed.until } });
  });
});

describe("the audit log", () => {
  test("has one event for each change: who, why, before, after, and how long until it was live", async () => {
    await patch({ tracing_enabled: false, reason: " costs too much " });
    await patch({ tracing_enabled: true, reason: null });
    await expect
      .poll(async () => (await eventsOf()).events.map((event: { live_after_ms: unknown }) => event.live_after_ms))
      .toEqual([expect.any(Number), expect.any(Number)]);
    const { events, next_cursor } = await eventsOf();
    const { version } = await (await admin.call("GET", `/projects/${id}`)).json();
    expect(events).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        project_id: id,
        action: "tracing.enabled",
        actor: { id: expect.stringMatching(/^\w{12}$/), name: "ci pipeline", via: "api" },
        reason: null,
        version,
        before: { tracing_enabled: false },
        after: { tracing_enabled: true },
        created_at: expect.stringMatching(/Z$/),
        live_after_ms: expect.any(Number),
      },
      expect.objectContaining({
        action: "tracing.disabled",
        reason: "costs too much",
        before: { tracing_enabled: true },
        after: { tracing_enabled: false },
      }),
    ]);
    expect(next_cursor).toBeNull();
  });

  test("comes in pages, newest first", async () => {
    for (const on of [false, false, true]) await patch({ tracing_enabled: on });
    const first = await eventsOf("?limit=2");
    const second = await eventsOf(`?limit=2&cursor=${first.next_cursor}`);
    const actions = [...first.events, ...second.events].map(({ action }: { action: string }) => action);
    expect(actions).toEqual(["tracing.enabled", "tracing.disabled", "tracing.disabled"]);
    expect(second.next_cursor).toBeNull();
  });

  test("has nothing of a change that was refused", async () => {
    const reader = apiOf(worker, await stack.createKey({ scopes: ["read"] }));
    const before = await (await admin.call("GET", `/projects/${id}`)).json();
    const refused = [
      await reader.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: false }),
      await patch({ tracing_enabled: "false" }),
      await patch({ tracing_enabled: false, reasn: "typo" }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 422, 422]);
    for (const response of refused) await problemOf(response);
    expect((await eventsOf()).events).toEqual([]);
    expect(await (await admin.call("GET", `/projects/${id}`)).json()).toEqual(before);
  });
});
