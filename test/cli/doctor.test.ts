import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { refusedUrl } from "../faults/fault-server.ts";
import { CANARY } from "../harness/canary.ts";
import { type Stand, startStand } from "./stand.ts";

let stand: Stand;
let id: string;

beforeAll(async () => {
  stand = await startStand();
});
beforeEach(async () => {
  id = await stand.stack.createProject();
  await stand.api.switch(id, true);
});
afterEach(() => {
  stand.tamper.date = undefined;
  stand.tamper.answer = undefined;
});
afterAll(() => stand?.close());

/** What `doctor` says of each link. */
async function doctor(env: Record<string, string | undefined> = {}, io = {}) {
  const { code, out, err } = await stand.cli(
    ["doctor", "--json"],
    stand.environment(id, { ...stand.redisEnv, ...env }),
    io,
  );
  const { ok, checks } = JSON.parse(out) as {
    ok: boolean;
    checks: { name: string; result: string; detail: string; remedy?: string }[];
  };
  const wrong = Object.fromEntries(
    checks.filter(({ result }) => result === "wrong").map((check) => [check.name, check]),
  );
  return { code, ok, err, checks, wrong, names: Object.keys(wrong) };
}

test("everything is well: each link of the chain is named, and the exit code is 0", async () => {
  const { code, ok, checks } = await doctor();
  expect(checks.map(({ name, result }) => [name, result === "note" ? "ok" : result])).toEqual(
    ["settings", "api", "clock", "database", "redis", "project", "own redis", "sdk"].map((name) => [name, "ok"]),
  );
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(checks.find(({ name }) => name === "own redis")?.detail).toMatch(
    /^version \d+; enabled lives .*, policy lives 6 d 23 h, version lives 13 d 23 h$/,
  );
});

test("for people: a line for each link, and what to mend below it", async () => {
  const { code, out, err } = await stand.cli(["doctor"], stand.environment(id, { TRACING_TOGGLE_API_KEY: "tt_wrong" }));
  expect(code).toBe(1);
  expect(out).toMatch(/^ok {7}api {7}answers in /m);
  expect(out).toMatch(/^WRONG {4}project {3}.*\n +→ Take a key with the scope report or read/m);
  expect(out).toMatch(/^skipped {2}own redis /m);
  expect(err).toMatch(/^tracing-toggle: \d of 8 checks found something wrong\.\n$/);
});

test("the API is down: that, and no more, is wrong with the API; Redis still tells the SDK", async () => {
  const { code, names, wrong } = await doctor({ TRACING_TOGGLE_API_URL: await refusedUrl() });
  expect(code).toBe(1);
  expect(names).toEqual(["api"]);
  expect(wrong.api).toMatchObject({
    detail: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/),
    remedy: expect.stringContaining("curl"),
  });
});

test("something else answers at the URL", async () => {
  stand.tamper.answer = () => new Response("<h1>Sign in</h1>", { headers: { "content-type": "text/html" } });
  const { names, wrong } = await doctor();
  expect(names).toEqual(["api"]);
  expect(wrong.api?.detail).toContain("is not Tracing Toggle");
});

test("a key that the API does not know", async () => {
  const { code, names, wrong } = await doctor({ TRACING_TOGGLE_API_KEY: `tt_${"A".repeat(12)}_${"B".repeat(38)}` });
  expect(code).toBe(1);
  expect(names).toEqual(["project"]);
  expect(wrong.project?.remedy).toContain("scope report or read");
});

test("a key that only reports is enough", async () => {
  const key = await stand.stack.createKey({ scopes: ["report"], projectId: id });
  expect(await doctor({ TRACING_TOGGLE_API_KEY: key })).toMatchObject({ code: 0, names: [] });
});

test("another project's id", async () => {
  const { names, wrong } = await doctor({ TRACING_TOGGLE_PROJECT_ID: crypto.randomUUID() });
  expect(names).toContain("project");
  expect(wrong.project?.remedy).toContain("project's id");
});

test("nothing is set", async () => {
  const { code, out } = await stand.cli(["doctor", "--json"], { XDG_CONFIG_HOME: stand.home });
  expect(code).toBe(1);
  const [first, ...rest] = JSON.parse(out).checks;
  expect(first).toMatchObject({
    name: "settings",
    result: "wrong",
    remedy: expect.stringContaining("tracing-toggle login"),
  });
  expect(rest.every(({ result }: { result: string }) => result === "skipped")).toBe(true);
});

test("an emergency stop holds tracing off", async () => {
  await stand.stack.redis.set(`tracing:${id}:enabled`, "false");
  const { code, names, wrong } = await doctor();
  expect(code).toBe(1);
  expect(names).toEqual(["project", "own redis"]); // the SDK says off, as the API does
  expect(wrong["own redis"]).toMatchObject({
    detail: expect.stringMatching(/^An emergency stop.*enabled has no end/),
    remedy: expect.stringContaining("tracing-toggle on"),
  });
});

test.for([
  [-3_600_000, "ahead of"],
  [90_000, "behind"],
] as const)("this machine's clock differs from the API's by %i ms", async ([difference, words]) => {
  stand.tamper.date = new Date(Date.now() + difference).toUTCString();
  const { code, names, wrong } = await doctor();
  expect({ code, names }).toEqual({ code: 1, names: ["clock"] });
  expect(wrong.clock?.detail).toContain(words);
});

test("a wrong token for Redis: it is not shown", async () => {
  const { code, names, wrong, checks } = await doctor({ UPSTASH_REDIS_REST_TOKEN: `${CANARY}-wrong` });
  expect({ code, names }).toEqual({ code: 1, names: ["own redis", "sdk"] });
  expect(wrong["own redis"]).toMatchObject({
    detail: expect.stringContaining("refuses"),
    remedy: expect.stringContaining("TOKEN"),
  });
  expect(JSON.stringify(checks)).not.toContain(CANARY);
});

test("Redis does not answer, or half of its settings is missing", async () => {
  expect(await doctor({ UPSTASH_REDIS_REST_URL: await refusedUrl() })).toMatchObject({ names: ["own redis", "sdk"] });
  expect((await doctor({ UPSTASH_REDIS_REST_TOKEN: undefined })).wrong["own redis"]?.detail).toContain(
    "TOKEN is not set",
  );
});

test("a Redis that the Worker does not write to", async () => {
  await stand.stack.redis.del(`tracing:${id}:policy`, `tracing:${id}:enabled`, `tracing:${id}:version`);
  stand.tamper.answer = (url) =>
    url.endsWith("/tracing")
      ? Response.json({ effective: true, reason: "enabled", enabled: true, policy: null, source: "redis", version: 5 })
      : undefined;
  const { wrong } = await doctor();
  expect(wrong["own redis"]?.remedy).toContain("the Redis that the Worker writes to");
});

test("a change that is not in Redis", async () => {
  await stand.stack.sql`update projects set version = version + 1000, tracing_enabled = false where id = ${id}`;
  const { names, wrong } = await doctor();
  expect(names).toEqual(["project"]);
  expect(wrong.project?.detail).toContain("is not in Redis yet");
});

test("the Worker does not reach its stores", async () => {
  stand.tamper.answer = (url) =>
    url === "/readyz"
      ? Response.json({ status: "unavailable", postgres: "unavailable", redis: "unavailable" }, { status: 503 })
      : undefined;
  const { names, wrong } = await doctor();
  expect(names).toEqual(["database", "redis"]);
  expect(wrong.database?.remedy).toContain("DATABASE_URL");
});
