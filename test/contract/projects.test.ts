import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { expectTraceable, problemOf } from "../harness/problem.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let admin: ReturnType<typeof apiOf>;

const apiWith = async (key: Parameters<Stack["createKey"]>[0]) => apiOf(worker, await stack.createKey(key));

async function create(name = "agent"): Promise<string> {
  const response = await admin.call("POST", "/projects", { name });
  return (await response.json()).id;
}

const eventsOf = async (id: string) => (await (await admin.call("GET", `/projects/${id}/events`)).json()).events;

beforeAll(async () => {
  stack = await startStack();
  worker = await startWorker(stack);
  admin = apiOf(worker, await stack.createKey({ name: "ci" }));
});
afterAll(async () => {
  await worker?.close();
  await stack?.close();
});

test("a new project is on, can be read where the answer says, and is in Redis", async () => {
  const response = await admin.call("POST", "/projects", { name: "  Support agent " });
  expect(response.status).toBe(201);
  expectTraceable(response);
  const project = await response.json();
  expect(project).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: "Support agent",
    tracing_enabled: true,
    effective: true,
    reason: "enabled",
    production: false,
    override: null,
    lock: null,
    version: expect.any(Number),
    created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    updated_at: project.created_at,
  });
  const location = response.headers.get("location") as string;
  const headers = { authorization: `Bearer ${await stack.createKey({ scopes: ["read"] })}` };
  expect(await (await worker.fetch(location, { headers })).json()).toEqual(project);
  expect(await stack.redis.get(`tracing:${project.id}:enabled`)).toBe("true");
});

test("a project keeps the id it is given, in lower case; a second one with that id is a 409", async () => {
  const id = randomUUID();
  const first = await admin.call("POST", "/projects", { name: "moved", id: id.toUpperCase() });
  expect(await first.json()).toMatchObject({ id });
  const second = await admin.call("POST", "/projects", { name: "again", id });
  expect(second.status).toBe(409);
  expect(await problemOf(second)).toMatchObject({ code: "project_exists", detail: expect.stringContaining(id) });
});

test("a project that is adopted while it is off is never on, not for a moment", async () => {
  const body = { name: "adopted", tracing_enabled: false, reason: "moved from the old system" };
  const response = await admin.call("POST", "/projects", body);
  const project = await response.json();
  expect(project).toMatchObject({ tracing_enabled: false, effective: false, reason: "disabled" });
  expect(await stack.redis.get(`tracing:${project.id}:enabled`)).toBe("false");
  const [created, ...others] = await eventsOf(project.id);
  expect(others).toEqual([]);
  expect(created).toMatchObject({
    reason: body.reason,
    before: null,
    after: { name: "adopted", tracing_enabled: false },
  });
});

test("the history tells why a project was renamed and deleted", async () => {
  const id = await create();
  expect((await admin.call("PATCH", `/projects/${id}`, { name: "new", reason: "rebranding" })).status).toBe(200);
  const wrong = await admin.call("DELETE", `/projects/${id}`, { because: "x" });
  expect((await problemOf(wrong)).errors?.[0]?.field).toBe("because");
  expect((await admin.call("DELETE", `/projects/${id}`, { reason: "end of life" })).status).toBe(204);
  const reasons = (await eventsOf(id)).map((event: { reason: string | null }) => event.reason);
  expect(reasons).toEqual(["end of life", "rebranding", null]);
});

test("the list comes in pages, each project once, in the same order every time", async () => {
  const created = await Promise.all([create("a"), create("b"), create("c"), create("d"), create("e")]);
  const listed: string[] = [];
  let cursor: string | null = "";
  do {
    const path: string = `/projects?limit=2${cursor && `&cursor=${cursor}`}`;
    const page = await (await admin.call("GET", path)).json();
    expect(page.projects.length).toBeLessThanOrEqual(2);
    listed.push(...page.projects.map(({ id }: { id: string }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(listed).toEqual([...new Set(listed)].sort());
  expect(listed).toEqual(expect.arrayContaining(created));
  const whole = await (await admin.call("GET", "/projects?limit=100")).json();
  expect(whole.projects.map(({ id }: { id: string }) => id)).toEqual(listed);
});

describe("a search of the list", () => {
  const found = async (search: string, api = admin) => {
    const response = await api.call("GET", `/projects?limit=100&search=${encodeURIComponent(search)}`);
    expect(response.status).toBe(200);
    return (await response.json()).projects.map(({ id }: { id: string }) => id);
  };

  test("finds what has the words in its name, whatever the capitals, and nothing by a wildcard", async () => {
    const [invoices, percent] = await Promise.all([create("Zürich Invoices"), create("zürich 100%_\\done")]);
    expect(await found("  ZÜRICH inv")).toEqual([invoices]);
    expect(await found("zürich")).toEqual([invoices, percent].sort());
    expect(await found("100%_\\")).toEqual([percent]);
    expect(await found("zürich%invoices")).toEqual([]);
    expect(await found("zürich_invoices")).toEqual([]);
  });

  test("finds a project by its id, whole or by its beginning", async () => {
    const id = await create();
    expect(await found(id.toUpperCase())).toEqual([id]);
    expect(await found(id.slice(0, 13))).toEqual([id]);
    expect(await found(id.slice(1))).toEqual([]);
  });

  test("comes in pages, too, and shows neither the deleted nor what the key may not see", async () => {
    const name = randomUUID();
    const created = (await Promise.all([create(name), create(name), create(name)])).sort();
    const first = await (await admin.call("GET", `/projects?limit=2&search=${name}`)).json();
    const rest = await (await admin.call("GET", `/projects?limit=2&search=${name}&cursor=${first.next_cursor}`)).json();
    expect([...first.projects, ...rest.projects].map(({ id }) => id)).toEqual(created);
    expect(rest.next_cursor).toBeNull();
    const [own = "", deleted = "", other = ""] = created;
    await admin.call("DELETE", `/projects/${deleted}`);
    expect(await found(name)).toEqual([own, other].sort());
    expect(await found(name, await apiWith({ projectId: own, scopes: ["read"] }))).toEqual([own]);
  });

  test("for nothing, or for more than a name can have, is refused", async () => {
    for (const search of ["", "   ", "x".repeat(101), "\0"]) {
      const response = await admin.call("GET", `/projects?search=${encodeURIComponent(search)}`);
      expect(response.status).toBe(400);
      expect(await problemOf(response)).toMatchObject({ code: "invalid_query", errors: [{ field: "search" }] });
    }
  });
});

test("a renamed project has the new name and a higher version, and one more event", async () => {
  const id = await create("before");
  const { version } = await (await admin.call("GET", `/projects/${id}`)).json();
  const response = await admin.call("PATCH", `/projects/${id.toUpperCase()}`, { name: "after" });
  expect(await response.json()).toMatchObject({
    id,
    name: "after",
    tracing_enabled: true,
    version: expect.any(Number),
  });
  const now = await (await admin.call("GET", `/projects/${id}`)).json();
  expect(now.name).toBe("after");
  expect(now.version).toBeGreaterThan(version);
  const [renamed, created] = await eventsOf(id);
  expect(renamed).toMatchObject({ action: "project.renamed", before: { name: "before" }, after: { name: "after" } });
  expect(created).toMatchObject({ action: "project.created", before: null, after: { name: "before" } });
});

describe("a deleted project", () => {
  test("answers 410 from then on, is off in Redis, and its id stays taken", async () => {
    const id = await create("doomed");
    const deletion = await admin.call("DELETE", `/projects/${id}`);
    expect(deletion.status).toBe(204);
    expectTraceable(deletion);
    expect(await deletion.text()).toBe("");
    const answers = await Promise.all([
      admin.call("GET", `/projects/${id}`),
      admin.call("PATCH", `/projects/${id}`, { name: "back" }),
      admin.call("DELETE", `/projects/${id}`),
      admin.call("GET", `/projects/${id}/tracing`),
      admin.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: true }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(410);
      expect(await problemOf(answer)).toMatchObject({ code: "project_deleted" });
    }
    expect(await stack.redis.get(`tracing:${id}:enabled`)).toBe("false");
    expect((await admin.call("POST", "/projects", { name: "again", id })).status).toBe(409);
    const list = await (await admin.call("GET", "/projects?limit=100")).json();
    expect(list.projects.map((project: { id: string }) => project.id)).not.toContain(id);
  });

  test("answers 410 also when Redis has forgotten it, and is off there again afterwards", async () => {
    const id = await create();
    await admin.call("DELETE", `/projects/${id}`);
    await stack.redis.flushall();
    expect((await admin.call("GET", `/projects/${id}/tracing`)).status).toBe(410);
    expect(await stack.redis.get(`tracing:${id}:enabled`)).toBe("false");
  });

  test("keeps its history, with the deletion as its one last event", async () => {
    const id = await create();
    await admin.call("DELETE", `/projects/${id}`);
    await admin.call("DELETE", `/projects/${id}`);
    const actions = (await eventsOf(id)).map((event: { action: string }) => event.action);
    expect(actions).toEqual(["project.deleted", "project.created"]);
  });
});

describe("a key for one project", () => {
  test("sees and changes its own, and can make no other", async () => {
    const own = await create("own");
    const bound = await apiWith({ projectId: own });
    const list = await (await bound.call("GET", "/projects")).json();
    expect(list).toMatchObject({ projects: [{ id: own }], next_cursor: null });
    expect((await bound.call("PATCH", `/projects/${own}`, { name: "still own" })).status).toBe(200);
    const creation = await bound.call("POST", "/projects", { name: "another" });
    expect(creation.status).toBe(403);
    expect(await problemOf(creation)).toMatchObject({ code: "forbidden" });
  });

  test.each(["admin", "write", "read", "report"])(
    "with scope %s takes another project for one that is not",
    async (scope) => {
      const [own, other] = await Promise.all([create(), create()]);
      const bound = await apiWith({ projectId: own, scopes: [scope] });
      const requests: [string, string, unknown?][] = [
        ["GET", ""],
        ["PATCH", "", { name: "mine" }],
        ["DELETE", ""],
        ["GET", "/tracing"],
        ["PATCH", "/tracing", { tracing_enabled: false }],
        ["GET", "/events"],
      ];
      for (const [method, path, body] of requests) {
        const [existing, missing] = await Promise.all([
          bound.call(method, `/projects/${other}${path}`, body),
          bound.call(method, `/projects/${randomUUID()}${path}`, body),
        ]);
        expect([existing.status, missing.status], `${method} ${path}`).toEqual([404, 404]);
        const [{ detail, ...one }, two] = await Promise.all([problemOf(existing), problemOf(missing)]);
        expect(one).toEqual({ ...one, code: "project_not_found", title: two.title });
        expect(detail).not.toContain("agent");
      }
      expect(await eventsOf(other)).toHaveLength(1);
    },
  );
});

test("a project that does not exist is a 404 everywhere", async () => {
  const id = randomUUID();
  const answers = await Promise.all([
    admin.call("GET", `/projects/${id}`),
    admin.call("PATCH", `/projects/${id}`, { name: "x" }),
    admin.call("DELETE", `/projects/${id}`),
    admin.call("GET", `/projects/${id}/tracing`),
    admin.call("PATCH", `/projects/${id}/tracing`, { tracing_enabled: true }),
    admin.call("GET", `/projects/${id}/events`),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(404);
    expect(await problemOf(answer)).toMatchObject({ code: "project_not_found" });
  }
  expect(await stack.redis.exists(`tracing:${id}:enabled`), "nothing is published of it").toBe(0);
});

test("healthz and readyz say that all is well", async () => {
  const [healthz, readyz] = await Promise.all([worker.fetch("/healthz"), worker.fetch("/readyz")]);
  expect([healthz.status, readyz.status]).toEqual([200, 200]);
  for (const answer of [healthz, readyz]) expectTraceable(answer);
  expect(await healthz.json()).toEqual({ status: "ok" });
  expect(await readyz.json()).toEqual({ status: "ok", postgres: "ok", redis: "ok" });
});

test("a request id that is sent comes back, unless it is not one", async () => {
  const idOf = async (sent: string) =>
    (await worker.fetch("/healthz", { headers: { "x-request-id": sent } })).headers.get("x-request-id");
  expect(await idOf("ci-run-42")).toBe("ci-run-42");
  for (const odd of ["a b", "<script>", "x".repeat(300)]) {
    expect(await idOf(odd)).toMatch(/^[0-9a-f-]{36}$/);
  }
});
