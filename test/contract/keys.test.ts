import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createKey } from "../../worker/domain/api-key.ts";
import { apiOf } from "../harness/api.ts";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const clock = { now: Date.now() };
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack, clock);
  id = await stack.createProject();
});
beforeEach(() => {
  clock.now = Date.now();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

const tracing = () => `/api/v1/projects/${id}/tracing`;
const withHeader = (authorization: string) => worker.fetch(tracing(), { headers: { authorization } });
const statusOf = async (key: string) => (await withHeader(`Bearer ${key}`)).status;
const selectorOf = (key: string) => key.split("_")[1] as string;

async function expectRefused(response: Response): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe("Bearer");
  expect(await problemOf(response)).toMatchObject({ code: "unauthenticated" });
}

/** The key with its character at `index` changed. */
const mistyped = (key: string, index: number) =>
  key.slice(0, index) + (key[index] === "a" ? "b" : "a") + key.slice(index + 1);

test("a mistyped key is refused without asking the database", async () => {
  const { key } = await createKey();
  const wrong = [
    ...[3, 14, 16, 30, 47, 53].map((index) => mistyped(key, index)),
    key.slice(0, -1),
    `${key}0`,
    key.toLowerCase(),
    key.replace("tt_", "xx_"),
    "tt_",
    "x",
    "ü".repeat(20),
    "x".repeat(10_000),
  ];
  const before = stack.neon.requests();
  for (const each of wrong) await expectRefused(await withHeader(`Bearer ${encodeURI(each)}`));
  expect(stack.neon.requests()).toBe(before);
});

test("a request without a key, or with an Authorization header of another kind, is refused", async () => {
  const { key } = await createKey();
  const before = stack.neon.requests();
  await expectRefused(await worker.fetch(tracing()));
  for (const header of [
    "",
    "Bearer",
    "Bearer ",
    "Basic dTpw",
    key,
    `Token ${key}`,
    `Bearer ${key} ${key}`,
    `Bearer, ${key}`,
  ]) {
    await expectRefused(await withHeader(header));
  }
  expect(stack.neon.requests()).toBe(before);
});

test("the scheme may be written in any case, with blanks around the key", async () => {
  const key = await stack.createKey();
  for (const header of [`bearer ${key}`, `BEARER   ${key}`, ` Bearer ${key}  `]) {
    expect((await withHeader(header)).status).toBe(200);
  }
});

test("a well-formed key that nobody made is refused", async () => {
  await expectRefused(await withHeader(`Bearer ${(await createKey()).key}`));
});

test("a key with the selector of another and a secret of its own is refused", async () => {
  const key = await stack.createKey();
  const { hash } = await createKey();
  await stack.sql`update api_keys set hash = ${hash} where selector = ${selectorOf(key)}`;
  await expectRefused(await withHeader(`Bearer ${key}`));
});

test("a key is refused from its end on, also when it was accepted a moment before", async () => {
  const key = await stack.createKey();
  const end = new Date(clock.now + 5_000);
  await stack.sql`update api_keys set expires_at = ${end.toISOString()} where selector = ${selectorOf(key)}`;
  clock.now = end.getTime() - 1;
  expect(await statusOf(key)).toBe(200);
  clock.now = end.getTime();
  await expectRefused(await withHeader(`Bearer ${key}`));
});

test("a revoked key dies within 10 s, for reading and for writing", async () => {
  const key = await stack.createKey();
  const { call } = apiOf(worker, key);
  expect(await statusOf(key)).toBe(200);
  await stack.sql`update api_keys set revoked_at = now() where selector = ${selectorOf(key)}`;
  clock.now += 10_000;
  await expectRefused(await withHeader(`Bearer ${key}`));
  await expectRefused(await call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: false }));
  await expectRefused(await call("GET", `/projects/${id}`));
});

test("a key in use is asked for every 10 s, not more", async () => {
  clock.now -= clock.now % 60_000; // within one minute, in which the use is noted once
  const key = await stack.createKey();
  await statusOf(key);
  await worker.settled();
  const before = stack.neon.requests();
  clock.now += 9_999;
  expect(await statusOf(key)).toBe(200);
  expect(stack.neon.requests()).toBe(before);
  clock.now += 1;
  expect(await statusOf(key)).toBe(200);
  expect(stack.neon.requests()).toBe(before + 1);
});

test("a clock that was set back does not keep a revoked key alive", async () => {
  const key = await stack.createKey();
  expect(await statusOf(key)).toBe(200);
  await stack.sql`update api_keys set revoked_at = now() where selector = ${selectorOf(key)}`;
  clock.now -= 3_600_000;
  await expectRefused(await withHeader(`Bearer ${key}`));
});

describe("what a key may do", () => {
  const requests: Record<string, [method: string, path: string, body?: unknown]> = {
    "list projects": ["GET", "/projects"],
    "read a project": ["GET", "/projects/:id"],
    "read the history": ["GET", "/projects/:id/events"],
    "read the tracing state": ["GET", "/projects/:id/tracing"],
    switch: ["PATCH", "/projects/:id/tracing", { tracing_enabled: true }],
    rename: ["PATCH", "/projects/:id", { name: "renamed" }],
    create: ["POST", "/projects", { name: "new" }],
    delete: ["DELETE", "/projects/:id"],
  };
  const reading = ["list projects", "read a project", "read the history", "read the tracing state"];
  const allowed: Record<string, string[]> = {
    admin: Object.keys(requests),
    write: [...reading, "switch"],
    read: reading,
    report: ["read the tracing state"],
    "report,read": reading,
  };

  test.each(Object.entries(allowed))("with scope %s", async (scopes, allowed) => {
    const { call } = apiOf(worker, await stack.createKey({ scopes: scopes.split(",") }));
    const project = await stack.createProject();
    for (const [what, [method, path, body]] of Object.entries(requests)) {
      const response = await call(method, path.replace(":id", project), body);
      if (allowed.includes(what)) expect(response.status, what).toBeLessThan(300);
      else {
        expect(response.status, what).toBe(403);
        const { code, detail } = await problemOf(response);
        expect(code).toBe("forbidden");
        expect(detail, "names what is needed, and what the key has").toMatch(/scope (admin|write|read).*has: /);
      }
    }
  });
});
