import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createKey } from "../../worker/domain/api-key.ts";
import { startLimitedWorker } from "../harness/limited-worker.ts";
import { problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const ORIGIN = "https://ops.example";
let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let key: string;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack);
  key = await stack.createKey();
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

const authorized = (headers: Record<string, string> = {}) => ({ authorization: `Bearer ${key}`, ...headers });
const corsOf = ({ headers }: Response) => [...headers].filter(([name]) => name.startsWith("access-control-"));

describe("every answer of the API", () => {
  test.each(["/healthz", "/api/v1/projects", "/api/v1/session", "/api/v1/nothing", "/api/v1/projects/x"])(
    "at %s may be framed, sniffed, stored or referred to by nobody",
    async (path) => {
      const { headers } = await worker.fetch(path, { headers: authorized() });
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": expect.stringMatching(/DENY|SAMEORIGIN/),
        "strict-transport-security": expect.stringContaining("max-age="),
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
      });
      expect(headers.get("x-powered-by")).toBeNull();
    },
  );
});

test("the page's own policy allows no inline script, no frame, no other site", () => {
  const headers = readFileSync(new URL("../../ui/public/_headers", import.meta.url), "utf8");
  const policy = /Content-Security-Policy: (.*)/.exec(headers)?.[1]?.split("; ");
  expect(policy).toEqual(
    expect.arrayContaining([
      ...["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"],
      ...["connect-src 'self'", "require-trusted-types-for 'script'"],
    ]),
  );
  expect(policy?.join()).not.toMatch(/unsafe|\*|https?:|data:/);
  expect(headers).toMatch(/Strict-Transport-Security: max-age=\d{7,}/);
});

describe("a page of another origin", () => {
  const preflight = { origin: ORIGIN, "access-control-request-method": "PATCH" };

  test("is not answered to in CORS terms, unless it is listed", async () => {
    for (const [there, origin] of [
      [worker, ORIGIN],
      [createWorker({ workerEnv: { ...stack.workerEnv, CORS_ORIGINS: ORIGIN } }), "https://evil.example"],
    ] as const) {
      const read = await there.fetch("/api/v1/projects", { headers: authorized({ origin }) });
      expect([read.status, corsOf(read)]).toEqual([200, []]);
      const headers = { ...preflight, origin };
      const asked = await there.fetch("/api/v1/projects", { method: "OPTIONS", headers });
      expect([asked.status, corsOf(asked)]).toEqual([405, []]);
      await there.settled();
    }
  });

  test("that is listed may call the API with a key, errors included, and never with a cookie", async () => {
    const listed = createWorker({
      workerEnv: { ...stack.workerEnv, CORS_ORIGINS: ` https://a.example,${ORIGIN}, ` },
    });
    const asked = await listed.fetch("/api/v1/projects", { method: "OPTIONS", headers: preflight });
    expect([asked.status, asked.headers.get("vary"), await asked.text()]).toEqual([204, "Origin", ""]);
    expect(Object.fromEntries(corsOf(asked))).toMatchObject({
      "access-control-allow-origin": ORIGIN,
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": expect.stringContaining("Authorization"),
    });
    for (const [path, headers, status] of [
      ["/api/v1/projects", authorized({ origin: ORIGIN }), 200],
      ["/api/v1/projects", { origin: ORIGIN }, 401],
      ["/api/v1/nothing", { origin: ORIGIN }, 404],
    ] as const) {
      const response = await listed.fetch(path, { headers });
      expect(response.status).toBe(status);
      expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
      expect(response.headers.get("vary")).toBe("Origin");
    }
    const elsewhere = await listed.fetch("/api/v1/projects", { headers: authorized() });
    expect([elsewhere.headers.get("vary"), corsOf(elsewhere)], "a cache keeps them apart").toEqual(["Origin", []]);
    const signIn = await listed.fetch("/api/v1/session", {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/json" },
      body: JSON.stringify({ key }),
    });
    expect([signIn.status, signIn.headers.get("set-cookie")]).toEqual([403, null]);
    await listed.settled();
  });
});

describe("the platform's rate limits, with small numbers", () => {
  let limited: Awaited<ReturnType<typeof startLimitedWorker>>;
  beforeAll(async () => {
    limited = await startLimitedWorker(stack, { address: 60, key: 20, failure: 5 });
  });
  afterAll(() => limited?.close());

  const from = (address: string, key?: string) =>
    limited.fetch("/api/v1/projects", {
      headers: { "cf-connecting-ip": address, ...(key && { authorization: `Bearer ${key}` }) },
    });
  const statuses = async (count: number, ask: () => Promise<Response>) => {
    const answers: Response[] = [];
    for (let i = 0; i < count; i++) answers.push(await ask());
    return { answers, refused: answers.filter(({ status }) => status === 429) };
  };
  const expectRefusal = async (response: Response | undefined, atMost: number) => {
    const seconds = Number(response?.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(atMost);
    expect(await problemOf(response as Response)).toMatchObject({ code: "too_many_requests", status: 429 });
  };

  test("a key that is used too often is a 429, and other keys are not", async () => {
    const busy = await stack.createKey();
    const { refused } = await statuses(45, () => from("192.0.2.1", busy)); // two periods at most
    expect(refused.length).toBeGreaterThan(0);
    await expectRefusal(refused[0], 10);
    expect((await from("192.0.2.2", await stack.createKey())).status).toBe(200);
  });

  test("an address that asks too often is a 429, whatever it asks", async () => {
    const { refused } = await statuses(125, () => from("192.0.2.3"));
    expect(refused.length).toBeGreaterThan(0);
    await expectRefusal(refused[0], 10);
    expect((await from("192.0.2.4")).status).toBe(401);
  });

  test("an address that tries keys is a 429 after some; keys that were good there go on", async () => {
    const known = await stack.createKey();
    expect((await from("192.0.2.5", known)).status).toBe(200);
    const { answers, refused } = await statuses(12, async () => from("192.0.2.5", (await createKey()).key));
    expect(answers[0]?.status).toBe(401);
    await expectRefusal(refused.at(-1), 60);
    const before = stack.neon.requests();
    const unseen = await stack.createKey();
    expect((await from("192.0.2.5", unseen)).status).toBe(429);
    expect(stack.neon.requests() - before, "it is not looked at; the key was made").toBeLessThanOrEqual(1);
    expect((await from("192.0.2.5", known)).status).toBe(200);
    expect((await from("192.0.2.6", unseen)).status).toBe(200);
  });

  test("so are sign-ins, and a network of IPv6 is one address", async () => {
    const hosts = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8::1:0:0:0:3"];
    const signIn = (host: string, key: string) =>
      limited.fetch("/api/v1/session", {
        method: "POST",
        headers: { "cf-connecting-ip": host, "content-type": "application/json" },
        body: JSON.stringify({ key }),
      });
    const { refused } = await statuses(4, async () => {
      const answers = await Promise.all(hosts.map(async (host) => signIn(host, (await createKey()).key)));
      return answers.find(({ status }) => status === 429) ?? (answers[0] as Response);
    });
    await expectRefusal(refused.at(-1), 60);
    expect((await signIn("2001:db8:0:1::9", key)).status).toBe(429);
    expect((await signIn("2001:db8:0:2::9", key)).status).toBe(200);
  });
});
