import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const HOUR_MS = 3_600_000;
const ORIGIN = "http://localhost";
const clock = { now: Date.now() };
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let key: string;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack, clock);
  id = await stack.createProject();
});
beforeEach(async () => {
  clock.now = Date.now();
  key = await stack.createKey({ name: "Ada" });
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

const page = { origin: ORIGIN, "sec-fetch-site": "same-origin" };

/** A request as the page's browser sends it. */
const browse = (
  method: string,
  path: string,
  cookie?: string,
  body?: unknown,
  headers: Record<string, string> = page,
) =>
  worker.fetch(`/api/v1${path}`, {
    method,
    headers: { ...headers, ...(cookie && { cookie }), ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
const signIn = (cookie?: string) => browse("POST", "/session", cookie, { key });
const setCookieOf = (response: Response) => response.headers.get("set-cookie") ?? "";
const cookieOf = (response: Response) => setCookieOf(response).split(";")[0] as string;
const switchOff = (cookie: string, headers?: Record<string, string>) =>
  browse("PATCH", `/projects/${id}/tracing`, cookie, { tracing_enabled: false }, headers);

async function expectSignedOut(cookie: string): Promise<void> {
  for (const response of [await browse("GET", "/session", cookie), await browse("GET", `/projects/${id}`, cookie)]) {
    expect(response.status).toBe(401);
    expect(await problemOf(response)).toMatchObject({ code: "unauthenticated" });
  }
}

test("signing in with a key gives a cookie that only this site's requests carry, for 12 h", async () => {
  const response = await signIn();
  expect(response.status).toBe(200);
  const [cookie, ...attributes] = setCookieOf(response).split("; ");
  expect(cookie).toMatch(/^__Host-tracing-toggle=[0-9A-Za-z]{43}$/);
  expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict", "Secure"]);
  const body = await response.json();
  expect(body).toEqual({
    key: { id: key.split("_")[1], name: "Ada" },
    scopes: ["admin"],
    project_id: null,
    expires_at: new Date(clock.now + 12 * HOUR_MS).toISOString(),
  });
  expect(await (await browse("GET", "/session", cookie)).json()).toEqual(body);
});

test("neither the key nor the cookie stands in the database", async () => {
  const secret = cookieOf(await signIn()).split("=")[1] as string;
  const rows = JSON.stringify([await stack.sql`select * from sessions`, await stack.sql`select * from api_keys`]);
  expect(rows).not.toContain(secret);
  expect(rows).not.toContain(key.split("_")[2]);
});

test("a change made on the page is logged under the key's name, and as made on the page", async () => {
  const cookie = cookieOf(await signIn());
  expect((await switchOff(cookie)).status).toBe(200);
  const { events } = await (await browse("GET", `/projects/${id}/events`, cookie)).json();
  expect(events[0].actor).toEqual({ id: key.split("_")[1], name: "Ada", via: "page" });
});

test("a session may do what its key may, and no more", async () => {
  key = await stack.createKey({ scopes: ["read"], projectId: id });
  const cookie = cookieOf(await signIn());
  expect((await browse("GET", `/projects/${id}`, cookie)).status).toBe(200);
  expect((await switchOff(cookie)).status).toBe(403);
  const other = await stack.createProject();
  expect((await browse("GET", `/projects/${other}`, cookie)).status).toBe(404);
});

test("each sign-in makes a new session and ends the one the browser had", async () => {
  const first = cookieOf(await signIn());
  const second = cookieOf(await signIn(first));
  expect(second).not.toBe(first);
  await expectSignedOut(first);
  expect((await browse("GET", "/session", second)).status).toBe(200);
});

test("a cookie that the browser brought along does not become a session", async () => {
  const planted = `__Host-tracing-toggle=${"x".repeat(43)}`;
  expect(cookieOf(await signIn(planted))).not.toBe(planted);
  await expectSignedOut(planted);
});

test("without a cookie nobody is signed in, which is no error: a browser would write one to its console", async () => {
  const response = await browse("GET", "/session");
  expect([response.status, await response.text()]).toEqual([204, ""]);
});

test("a key in the cookie's place is no session, also when the key was used a moment ago", async () => {
  const headers = { authorization: `Bearer ${key}` };
  expect((await worker.fetch("/api/v1/projects", { headers })).status).toBe(200);
  await expectSignedOut(`__Host-tracing-toggle=${key}`);
});

test("a session's secret is no key", async () => {
  const secret = cookieOf(await signIn()).split("=")[1];
  const response = await worker.fetch("/api/v1/projects", { headers: { authorization: `Bearer ${secret}` } });
  expect(response.status).toBe(401);
});

test("signing out ends the session at once, and takes the cookie back", async () => {
  const cookie = cookieOf(await signIn());
  expect((await browse("GET", `/projects/${id}`, cookie)).status).toBe(200);
  const response = await browse("DELETE", "/session", cookie);
  expect(response.status).toBe(204);
  expect(setCookieOf(response)).toMatch(/^__Host-tracing-toggle=; .*Max-Age=0/);
  await expectSignedOut(cookie);
});

test("signing out without a session is fine", async () => {
  expect((await browse("DELETE", "/session")).status).toBe(204);
});

test("a session ends after 12 h", async () => {
  const cookie = cookieOf(await signIn());
  clock.now += 12 * HOUR_MS - 1;
  expect((await browse("GET", "/session", cookie)).status).toBe(200);
  clock.now += 1;
  await expectSignedOut(cookie);
});

test("a session ends with its key", async () => {
  const end = clock.now + HOUR_MS;
  const selector = key.split("_")[1];
  await stack.sql`update api_keys set expires_at = ${new Date(end).toISOString()} where selector = ${selector}`;
  const response = await signIn();
  expect(setCookieOf(response)).toContain("Max-Age=3600");
  clock.now = end;
  await expectSignedOut(cookieOf(response));
});

test("a session dies within 10 s when its key is revoked", async () => {
  const cookie = cookieOf(await signIn());
  expect((await browse("GET", "/session", cookie)).status).toBe(200);
  await stack.sql`update api_keys set revoked_at = now() where selector = ${key.split("_")[1]}`;
  clock.now += 10_000;
  await expectSignedOut(cookie);
  expect((await signIn()).status).toBe(401);
});

test("a wrong key does not sign in, and sets no cookie", async () => {
  for (const wrong of [
    "",
    "x",
    `${key}0`,
    key.slice(0, -1),
    "tt_000000000000_00000000000000000000000000000000000000",
  ]) {
    const response = await browse("POST", "/session", undefined, { key: wrong });
    expect(response.status).toBe(401);
    expect(setCookieOf(response)).toBe("");
    await problemOf(response);
  }
});

describe("from another site", () => {
  const foreign: Record<string, Record<string, string>> = {
    "another origin": { origin: "https://evil.example" },
    "another port": { origin: `${ORIGIN}:8080` },
    "another scheme": { origin: "https://localhost" },
    "an opaque origin": { origin: "null" },
    "Sec-Fetch-Site: cross-site": { "sec-fetch-site": "cross-site" },
    "Sec-Fetch-Site: same-site": { "sec-fetch-site": "same-site" },
    "Sec-Fetch-Site with a good origin": { origin: ORIGIN, "sec-fetch-site": "cross-site" },
  };

  test.each(Object.entries(foreign))("%s: no change, no sign-in, no sign-out", async (_, headers) => {
    const cookie = cookieOf(await signIn());
    const refused = [
      await switchOff(cookie, headers),
      await browse("DELETE", `/projects/${id}`, cookie, undefined, headers),
      await browse("POST", "/projects", cookie, { name: "x" }, headers),
      await browse("POST", "/session", undefined, { key }, headers),
      await browse("DELETE", "/session", cookie, undefined, headers),
    ];
    for (const response of refused) {
      expect(response.status).toBe(403);
      expect(setCookieOf(response)).toBe("");
      expect(await problemOf(response)).toMatchObject({ code: "cross_origin" });
    }
    expect((await browse("GET", "/session", cookie)).status).toBe(200);
  });

  test("reading with a cookie is fine: no page of another site can see the answer", async () => {
    const cookie = cookieOf(await signIn());
    const response = await browse("GET", `/projects/${id}`, cookie, undefined, { origin: "https://evil.example" });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("an API key needs no such check", async () => {
    const headers = { authorization: `Bearer ${key}`, origin: "https://ci.example", "sec-fetch-site": "cross-site" };
    expect((await switchOff("", headers)).status).toBe(200);
  });
});
