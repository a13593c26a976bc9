import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemOf } from "../../harness/problem.ts";
import { raw } from "../../harness/raw.ts";
import { type Stack, startStack } from "../../harness/stack.ts";
import { startWorker } from "../../harness/worker.ts";

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let key: string;
let id: string;

beforeAll(async () => {
  stack = await startStack();
  worker = await startWorker(stack);
  key = await stack.createKey({ name: "tester" });
  id = await stack.createProject();
});
afterAll(async () => {
  await worker?.close();
  await stack?.close();
});

const json = { "content-type": "application/json" };
const send = (method: string, path: string, headers?: Record<string, string>, body?: string | Buffer) =>
  raw(worker.url, method, path, headers, body);
const authorized = (headers: Record<string, string> = {}) => ({ authorization: `Bearer ${key}`, ...headers });

describe("a body that is", () => {
  test("too large, with or without a length, is refused", async () => {
    const large = JSON.stringify({ tracing_enabled: true, reason: "x".repeat(70_000) });
    const path = `/api/v1/projects/${id}/tracing`;
    for (const [name, value] of [
      ["content-length", `${large.length}`],
      ["transfer-encoding", "chunked"],
    ] as const) {
      const response = await send("PATCH", path, authorized({ ...json, [name]: value }), large);
      expect(response.status).toBe(413);
      expect(await problemOf(response)).toMatchObject({ detail: expect.stringContaining("65536") });
    }
  });

  test("chunked and small enough is read", async () => {
    const headers = authorized({ ...json, "transfer-encoding": "chunked" });
    const response = await send("PATCH", `/api/v1/projects/${id}/tracing`, headers, '{"tracing_enabled":true}');
    expect(response.status).toBe(200);
  });

  test("not UTF-8 is refused", async () => {
    const body = Buffer.concat([
      Buffer.from('{"tracing_enabled":true,"reason":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"'),
    ]);
    expect((await send("PATCH", `/api/v1/projects/${id}/tracing`, authorized(json), body)).status).toBe(400);
  });
});

describe("a path or a query that is wrong", () => {
  const uuid = "5c0b1d1e-0000-4000-8000-000000000000";

  test("a project id that is none is a 400", async () => {
    const wrong = [
      ...["x", "0", uuid.slice(1), `${uuid}0`, `{${uuid}}`, uuid.replaceAll("-", ""), "';drop%20table%20projects;--"],
      ...["%00", "%zz", "%e2%82", "..%2f..%2fetc%2fpasswd", "%ff".repeat(12), "x".repeat(7_000)],
    ];
    for (const each of wrong) {
      for (const path of ["", "/tracing", "/events"]) {
        const response = await send("GET", `/api/v1/projects/${each}${path}`, authorized());
        expect(response.status, each).toBe(400);
        expect(await problemOf(response)).toMatchObject({ code: "invalid_project_id" });
      }
    }
  });

  test("an upper-case project id, and a slash at the end, are fine", async () => {
    for (const path of [id.toUpperCase(), `${id}/`, `${id}/tracing/`]) {
      expect((await send("GET", `/api/v1/projects/${path}`, authorized())).status, path).toBe(200);
    }
  });

  test.each([
    ...["limit=0", "limit=101", "limit=-1", "limit=1.5", "limit=x", "limit=", "limit=1e2", "limit=%zz", "limit=%00"],
    ...["cursor=", "cursor=x", "cursor=%00", "cursor=9999999999999999", "limits=10", "__proto__=1"],
  ])("the query ?%s is a 400 that names the parameter", async (query) => {
    for (const path of ["/api/v1/projects", `/api/v1/projects/${id}/events`]) {
      const response = await send("GET", `${path}?${query}`, authorized());
      expect(response.status).toBe(400);
      const { code, errors } = await problemOf(response);
      expect(code).toBe("invalid_query");
      expect(errors?.[0]?.field).toBe(query.split("=")[0]);
    }
  });

  test("a path of the API that leads nowhere is a 404", async () => {
    const paths = [
      ...[
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/projects",
        "/api/v1/project",
        "/api/v1/projects/x/y/z",
        "/api/v1//projects",
      ],
      ...["/api/%zz", "/api/v1/%00", "/api/v1/%2e%2e/x", `/api/${"x/".repeat(3_000)}`],
    ];
    for (const path of paths) {
      const response = await send("GET", path, authorized());
      expect(response.status, path).toBe(404);
      expect(await problemOf(response)).toMatchObject({ code: "not_found" });
    }
  });

  test("an odd path outside of the API is the page, or nothing", async () => {
    const paths = ["//", "//api/v1/projects", "/%00", "/%zz", "/..%2f", "/%2e%2e/%2e%2e", "/.env", "/nothing"];
    for (const path of [...paths, `/${"x".repeat(7_000)}`]) {
      const { status, headers } = await send("GET", path);
      expect(status, path).toBeLessThan(500);
      expect(headers.get("content-type") ?? "").not.toContain("problem");
    }
  });

  test.each([
    ["PUT", "/projects", "GET, POST"],
    ["DELETE", "/projects", "GET, POST"],
    ["POST", "/projects/:id", "GET, PATCH, DELETE"],
    ["PUT", "/projects/:id/tracing", "GET, PATCH"],
    ["DELETE", "/projects/:id/events", "GET"],
    ["PATCH", "/session", "GET, POST, DELETE"],
    ["OPTIONS", "/projects", "GET, POST"],
    ["PROPFIND", "/projects", "GET, POST"],
  ])("%s %s is a 405 that says what is allowed", async (method, path, allowed) => {
    const response = await send(method, `/api/v1${path.replace(":id", id)}`, authorized());
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allowed);
    expect(await problemOf(response)).toMatchObject({ code: "method_not_allowed" });
  });

  test("HEAD is a GET without a body", async () => {
    const response = await send("HEAD", `/api/v1/projects/${id}`, authorized());
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});

test("whatever is sent, the answer is never a 500, and every refusal is a problem", async () => {
  const odd = fc.oneof(
    fc.constantFrom("%00", "%zz", "..", "%2e%2e", "", "~", "projects", "tracing", "session", "events", "__proto__"),
    fc.uuid(),
    fc.constant("ID"),
    fc.webSegment(),
  );
  const path = fc.array(odd, { maxLength: 4 }).map((parts) => `/api/v1/${parts.join("/").replace("ID", id)}`);
  const query = fc.option(fc.webQueryParameters(), { nil: "" });
  const field = fc.constantFrom("tracing_enabled", "reason", "name", "id", "key", "__proto__", "toString");
  const body = fc.oneof(
    fc.json(),
    fc.dictionary(field, fc.jsonValue()).map((value) => JSON.stringify(value)),
    fc.string({ unit: "binary" }),
  );
  const header = fc.string({ unit: fc.constantFrom(..."abc /;=,\"'*%\t\xe9\xff") });
  const headers = fc.record(
    {
      "content-type": fc.oneof(header, fc.constant("application/json")),
      authorization: fc.oneof(header, fc.constant(`Bearer ${key}`), fc.constant(`Bearer ${key}`)),
      cookie: fc.oneof(header, fc.constant("__Host-tracing-toggle=%zz")),
      "if-none-match": header,
      "x-request-id": header,
      origin: header,
    },
    { requiredKeys: [] },
  );
  const method = fc.constantFrom("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS");
  const property = fc.asyncProperty(method, path, query, headers, body, async (method, path, query, headers, body) => {
    const response = await send(
      method,
      query ? `${path}?${query}` : path,
      headers,
      method === "HEAD" ? undefined : body,
    );
    expect(response.status).toBeLessThan(500);
    const isOurs = new URL(path, worker.url).pathname.startsWith("/api"); // `..` may lead out of the API
    if (isOurs && response.status >= 400 && method !== "HEAD") await problemOf(response);
  });
  await fc.assert(property, { numRuns: 150 });
});

test("nothing of a key or a body stands in the log, and nothing went wrong unseen", async () => {
  const secret = randomUUID();
  await send("PATCH", `/api/v1/projects/${id}/tracing`, authorized(json), `{"tracing_enabled":"${secret}"}`);
  const problem = await problemOf(await send("GET", "/api/v1/projects", { authorization: `Bearer ${key}0` }));
  expect(JSON.stringify(problem)).not.toContain(key.slice(4, 30));
  const logs = worker.logs();
  expect(logs).not.toContain(secret);
  expect(logs).not.toContain(key.split("_")[2]);
  expect(logs).not.toMatch(/request [\w-]+: /);
});
