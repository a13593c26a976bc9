import { Hono } from "hono";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type HonoOptions, tracingToggle } from "../../sdk/src/adapters/hono.ts";
import { createTracingToggle, type TracingToggle, type TracingToggleOptions } from "../../sdk/src/index.ts";
import { startRedis } from "./servers.ts";

let redis: Awaited<ReturnType<typeof startRedis>>;
let tracing: TracingToggle;

beforeAll(async () => {
  redis = await startRedis();
});

afterEach(() => {
  redis.state.hang = false;
  return tracing.close();
});

afterAll(() => redis.close());

function build(options?: HonoOptions, settings?: TracingToggleOptions) {
  tracing = createTracingToggle({
    projectId: "project",
    redis: { url: redis.url, token: "token" },
    api: null,
    maxAgeMs: 0,
    timeoutMs: 5_000,
    logger: null,
    ...settings,
  });
  const app = new Hono()
    .use(tracingToggle(tracing, options))
    .get("/", (c) => c.json(c.var.tracing))
    .get("/timed", (c) => c.text("", 200, { "Server-Timing": "db;dur=5" }))
    .get("/bare", () => Response.redirect("https://example.com/", 302)) // its headers cannot be changed
    .get("/throws", () => {
      throw new Error("broken");
    });
  return app.onError((_, c) => c.text("failed", 500));
}

const header = "Server-Timing";

test("handlers have the decision, and the client hears its reason", async () => {
  const app = build();
  for (const enabled of [true, false]) {
    const { version } = redis.set({ enabled });
    const answer = await app.request("/");
    const reason = enabled ? "enabled" : "disabled";
    expect(await answer.json()).toMatchObject({ trace: enabled, reason, version, source: "redis" });
    expect(answer.headers.get(header)).toBe(`tracing-toggle;desc="${reason}"`);
  }
});

test("Server-Timing is added to what the handler says, also on bare, missing and failed answers", async () => {
  redis.set({ enabled: true });
  const app = build();
  const timed = 'tracing-toggle;desc="enabled"';
  expect((await app.request("/timed")).headers.get(header)).toBe(`db;dur=5, ${timed}`);
  for (const [path, status] of [
    ["/bare", 302],
    ["/missing", 404],
    ["/throws", 500],
  ] as const) {
    const answer = await app.request(path);
    expect([answer.status, answer.headers.get(header)]).toEqual([status, timed]);
  }
});

test("Server-Timing can be left out", async () => {
  expect((await build({ serverTiming: false }).request("/")).headers.get(header)).toBeNull();
});

test("the user comes from the function given, and from no header", async () => {
  redis.set({ enabled: true, overrides: { a: [false, null] } });
  const headers = { "x-user-id": "a", "user-id": "a" };
  expect(await (await build().request("/", { headers })).json()).toMatchObject({ trace: true, reason: "enabled" });
  await tracing.close();
  const app = build({ request: async (c) => ({ userId: c.req.header("x-user-id") }) });
  expect(await (await app.request("/", { headers })).json()).toMatchObject({ trace: false, reason: "user_override" });
});

test.each([
  () => {
    throw new Error("broken");
  },
  async () => {
    throw new Error("broken");
  },
])("when the function throws, the request goes on, untraced", async (request) => {
  redis.set({ enabled: true, overrides: {} });
  const answer = await build({ request }).request("/");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ trace: false, reason: "unavailable" });
});

test("one decision per request, though the middleware stands twice", async () => {
  redis.set({ enabled: true });
  const app = build();
  const outer = new Hono().use(tracingToggle(tracing)).route("/", app);
  expect((await outer.request("/")).headers.get(header)).toBe('tracing-toggle;desc="enabled"');
  expect(tracing.stats().decisions).toBe(1);
});

test("when nobody answers, the request goes on after timeoutMs", async () => {
  redis.state.hang = true;
  const app = build({}, { timeoutMs: 200, whenUnavailable: "skip" });
  const answer = await app.request("/");
  expect(await answer.json()).toMatchObject({ trace: false, reason: "unavailable", source: "fallback" });
});
