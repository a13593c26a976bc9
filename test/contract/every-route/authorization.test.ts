// Every route × scope × binding × project × credential. A route that is added without a line below fails the test.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { randomText, SCOPES, type Scope } from "../../../worker/domain/api-key.ts";
import { roundTripsOf } from "../../harness/problem.ts";
import { type Stack, startStack } from "../../harness/stack.ts";
import { createWorker } from "../../harness/worker.ts";
import { liveRoutes } from "./live-routes.ts";

const BINDINGS = ["own project", "all projects"] as const;
const PROJECTS = ["own", "other", "unknown"] as const;
const CREDENTIALS = ["valid", "expired", "revoked", "malformed", "missing"] as const;

interface Cell {
  scope: Scope;
  binding: (typeof BINDINGS)[number];
  project: (typeof PROJECTS)[number];
  credential: (typeof CREDENTIALS)[number];
}

const CELLS: Cell[] = SCOPES.flatMap((scope) =>
  BINDINGS.flatMap((binding) =>
    PROJECTS.flatMap((project) => CREDENTIALS.map((credential) => ({ scope, binding, project, credential }))),
  ),
);

/** What a request is made with: the project and the key that it is about, and the caller's own key. */
interface Target {
  project: string;
  key: string;
  secret: string;
}

type Expected = number | [status: number, code: string];
interface Route {
  /** What is answered to a good credential. */
  good(cell: Cell): Expected;
  /** What is answered to any other; 401 unless told. */
  bad?(cell: Cell): Expected;
  body?(target: Target): unknown;
  query?(target: Target): string;
  /** Cells that succeed leave the project in a state that the next ones must not find. */
  spoils?: true;
}

const FORBIDDEN: Expected = [403, "forbidden"];
const UNKNOWN: Expected = [404, "project_not_found"];
const UNAUTHENTICATED: Expected = [401, "unauthenticated"];

const isBeyond = ({ binding, project }: Cell) => binding === "own project" && project !== "own";

/** A route of a project: a key of another one is not told whether it exists, nor which scope it would need. */
const ofProject = (scopes: string, done: Expected = 200, more: Partial<Route> = {}): Route => ({
  good(cell) {
    if (isBeyond(cell)) return UNKNOWN;
    if (!scopes.includes(cell.scope)) return FORBIDDEN;
    return cell.project === "unknown" ? UNKNOWN : done;
  },
  ...more,
});

/** A route for admins, about what belongs to a project. */
const ofAdmins = (done: Expected, unknown: Expected, more: Partial<Route> = {}): Route => ({
  good(cell) {
    if (cell.scope !== "admin") return FORBIDDEN;
    return isBeyond(cell) || cell.project === "unknown" ? unknown : done;
  },
  ...more,
});

/** A route that is about no project. */
const ofAll = (scopes: string, done: Expected = 200): Route => ({
  good: ({ scope }) => (scopes.includes(scope) ? done : FORBIDDEN),
});

/** A route that asks for no key in the header. */
const open = (answer: Expected, more: Partial<Route> = {}): Route => ({
  good: () => answer,
  bad: () => answer,
  ...more,
});

const READ = "admin,write,read";
const WRITE = "admin,write";

const ROUTES: Record<string, Route> = {
  "GET /healthz": open(200),
  "GET /readyz": open(200),
  "GET /api/v1/session": open(204),
  "POST /api/v1/session": { good: () => 200, body: ({ secret }) => ({ key: secret }) },
  "DELETE /api/v1/session": open(204),

  "GET /api/v1/projects": ofAll(READ),
  "POST /api/v1/projects": {
    good: ({ scope, binding }) => (scope === "admin" && binding === "all projects" ? 201 : FORBIDDEN),
    body: () => ({ name: "new" }),
  },
  "GET /api/v1/events": ofAll("admin"),
  "GET /api/v1/keys": ofAll("admin"),
  "POST /api/v1/keys": ofAdmins(201, UNKNOWN, {
    body: ({ project }) => ({ name: "new", scopes: ["read"], project_id: project }),
  }),
  "POST /api/v1/keys/:key/rotate": ofAdmins(201, [404, "key_not_found"]),
  "DELETE /api/v1/keys/:key": ofAdmins(204, [404, "key_not_found"]),

  "GET /api/v1/projects/:id": ofProject(READ),
  "PATCH /api/v1/projects/:id": ofProject("admin", 200, { body: () => ({ name: "renamed" }) }),
  "DELETE /api/v1/projects/:id": ofProject("admin", 204, { spoils: true }),
  "GET /api/v1/projects/:id/tracing": ofProject(`${READ},report`),
  "PATCH /api/v1/projects/:id/tracing": ofProject(WRITE, 200, { body: () => ({ tracing_enabled: true }) }),
  "GET /api/v1/projects/:id/rules": ofProject(READ),
  "PATCH /api/v1/projects/:id/rules": ofProject(WRITE, 200, { body: () => ({ capture: "full" }) }),
  "PUT /api/v1/projects/:id/lock": ofProject("admin", 200, { body: () => ({ reason: "test" }), spoils: true }),
  "DELETE /api/v1/projects/:id/lock": ofProject("admin"),
  "GET /api/v1/projects/:id/users": ofProject(READ),
  "PUT /api/v1/projects/:id/users/:user": ofProject(WRITE, 200, { body: () => ({ trace: true }) }),
  "DELETE /api/v1/projects/:id/users/:user": ofProject(WRITE, [404, "user_override_not_found"], { spoils: true }),
  "GET /api/v1/projects/:id/decision": ofProject(READ),
  "GET /api/v1/projects/:id/events": ofProject(READ),
  "GET /api/v1/projects/:id/status": ofProject(READ),
  "GET /api/v1/projects/:id/metrics": ofProject(READ),
  "POST /api/v1/projects/:id/usage": ofProject("report", 200, {
    body: () => ({
      batch_id: randomUUID(),
      instance: "agent",
      period_start: new Date().toISOString(),
      period_end: new Date().toISOString(),
      counts: { enabled: 1 },
      sdk: { version: "0", runtime: "node" },
    }),
  }),

  "GET /k/:secret/sampling": {
    good(cell) {
      if (cell.binding === "all projects" || cell.scope !== "read") return FORBIDDEN;
      return cell.project === "own" ? 200 : UNKNOWN;
    },
    bad: ({ credential }) => (credential === "missing" ? [404, "not_found"] : UNAUTHENTICATED),
    query: ({ project }) => `?service=${project}`,
  },
  "POST /ofrep/v1/evaluate/flags/:flag": ofProject(`${READ},report`, 200, {
    body: ({ project }) => ({ context: { targetingKey: "user", projectId: project } }),
  }),
};

let stack: Stack;
let worker: ReturnType<typeof createWorker>;
const ids = { own: "", other: "", unknown: randomUUID() };
/** The callers' keys, by scope, binding and credential. */
const callers = new Map<string, string>();

const callerOf = ({ scope, binding, credential }: Omit<Cell, "project">) => `${scope} ${binding} ${credential}`;
const makeKey = (scope: string, projectId: string | null) => stack.createKey({ scopes: [scope], projectId });
const selectorOf = (key: string) => key.split("_")[1] as string;
const mistyped = (key: string) => key.slice(0, -1) + (key.endsWith("a") ? "b" : "a");

async function makeCaller(cell: Omit<Cell, "project">, own = ids.own): Promise<string> {
  const key = await makeKey(cell.scope, cell.binding === "own project" ? own : null);
  const selector = selectorOf(key);
  if (cell.credential === "expired")
    await stack.sql`update api_keys set expires_at = now() - interval '1 s' where selector = ${selector}`;
  if (cell.credential === "revoked")
    await stack.sql`update api_keys set revoked_at = now() where selector = ${selector}`;
  if (cell.credential === "missing") return "";
  return cell.credential === "malformed" ? mistyped(key) : key;
}

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack);
  ids.own = await stack.createProject();
  ids.other = await stack.createProject();
  for (const cell of CELLS) if (!callers.has(callerOf(cell))) callers.set(callerOf(cell), await makeCaller(cell));
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

async function targetOf(route: string, cell: Cell, isSpoilt: boolean): Promise<Target> {
  const project = isSpoilt ? await stack.createProject() : ids[cell.project];
  const secret = isSpoilt ? await makeCaller(cell, project) : (callers.get(callerOf(cell)) as string);
  const needsKey = route.includes("/:key");
  const isThere = needsKey && cell.project !== "unknown";
  return { project, secret, key: isThere ? selectorOf(await makeKey("read", project)) : randomText(12) };
}

function requestTo(route: string, { body, query }: Route, target: Target): Promise<Response> {
  const [method = "", pattern = ""] = route.split(" ");
  const { project: id, key, secret } = target;
  const parts: Record<string, string> = { id, key, secret, user: "user-1", flag: "tracing" };
  const path = pattern.replaceAll(/:(\w+)/g, (_, name) => parts[name] as string);
  const isInPath = pattern.includes(":secret");
  return worker.fetch(`${path}${query?.(target) ?? ""}`, {
    method,
    headers: {
      ...(target.secret && !isInPath && { authorization: `Bearer ${target.secret}` }),
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body(target)) }),
  });
}

/** What an answer tells, apart from the ids that the caller has sent. */
async function toldBy(response: Response, { project, key }: Target): Promise<string> {
  const text = (await response.text()).replaceAll(project, "<project>").replaceAll(key, "<key>");
  return text.replace(/(?<="request_id":")[^"]+/, "");
}

const seen = new Map<string, number>();

test("every route that there is has its line, and no other", () => {
  expect(Object.keys(ROUTES).sort()).toEqual(liveRoutes());
});

test.each(Object.entries(ROUTES))("%s", async (name, route) => {
  const check = async (cell: Cell) => {
    const isGood = cell.credential === "valid";
    const expected = isGood ? route.good(cell) : (route.bad?.(cell) ?? UNAUTHENTICATED);
    const [status, code] = [expected].flat() as [number, string?];
    const target = await targetOf(
      name,
      cell,
      Boolean(route.spoils) && isGood && expected !== FORBIDDEN && expected !== UNKNOWN,
    );
    const response = await requestTo(name, route, target);
    const told = await toldBy(response, target);
    expect([response.status, code && JSON.parse(told).code], JSON.stringify(cell)).toEqual([status, code]);
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return { cell, told, trips: roundTripsOf(response), refused: status >= 400 };
  };
  const outcomes = [];
  // the bad ones ask for nothing but the key: all at once
  outcomes.push(...(await Promise.all(CELLS.filter(({ credential }) => credential !== "valid").map(check))));
  for (const cell of CELLS) if (cell.credential === "valid") outcomes.push(await check(cell));
  for (const { cell, told, trips } of outcomes.filter(({ cell, refused }) => refused && isBeyond(cell))) {
    const twin = outcomes.find((other) => {
      const { scope, binding, credential } = other.cell;
      return other.cell.project === "unknown" && callerOf({ scope, binding, credential }) === callerOf(cell);
    });
    expect(told, `what ${JSON.stringify(cell)} is told does not depend on whether the project exists`).toBe(twin?.told);
    if (cell.credential === "valid") expect(trips.redis).toBe(twin?.trips.redis);
  }
});

test("no cell is left out", () => {
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(liveRoutes().map((name) => [name, CELLS.length])));
});
