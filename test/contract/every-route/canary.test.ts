// No secret and no driver's text in any answer or any line of the log, whatever happens.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { CANARY, secretsIn } from "../../harness/canary.ts";
import { captureLog } from "../../harness/log.ts";
import { type Stack, startStack } from "../../harness/stack.ts";
import { createWorker, type RunningWorker } from "../../harness/worker.ts";

const log = captureLog();
let stack: Stack;
/** A store that says everything it knows when it fails. */
let rude: Server;
let rudeUrl: string;
let rudeAnswer: { status: number; body: string };
let key: string;
let id: string;

const GOSSIP = `password "${CANARY}-password" of tester, token ${CANARY}-full-token: Failed query: insert into api_keys`;

beforeAll(async () => {
  stack = await startStack();
  rude = createServer((request, response) => {
    request.resume();
    response.writeHead(rudeAnswer.status, { "content-type": "application/json", "x-gossip": "yes" });
    response.end(rudeAnswer.body);
  }).listen(0, "127.0.0.1");
  await once(rude, "listening");
  rudeUrl = `http://127.0.0.1:${(rude.address() as { port: number }).port}`;
});
beforeEach(async () => {
  key = await stack.createKey();
  id = await stack.createProject();
});
afterAll(async () => {
  rude?.close();
  await stack?.close();
});

/** Sends requests of every kind, good and bad, with secrets wherever a caller could put them. @returns their statuses */
async function sendEverything(worker: RunningWorker): Promise<number[]> {
  const statuses: number[] = [];
  const cookies: string[] = [];
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await worker.fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    statuses.push(response.status);
    const text = await response.text().catch(() => "cut off");
    const made = response.status === 201 && /\/(keys|rotate)$/.test(path) ? JSON.parse(text).key : undefined;
    const answered = made ? text.replace(made, "") : text;
    expect(secretsIn(answered), `${method} ${path}`).toEqual([]);
    const { "set-cookie": cookie = "", ...shown } = Object.fromEntries(response.headers);
    expect(secretsIn(JSON.stringify(shown)), `${method} ${path}`).toEqual([]);
    if (cookie) cookies.push(cookie.split(";")[0] as string);
    return { text, made: made as string | undefined };
  };
  const v1 = "/api/v1";
  const again = { "idempotency-key": randomUUID() };
  const { made } = await call("POST", `${v1}/keys`, { name: "new", scopes: ["read"], project_id: id }, again);
  await call("POST", `${v1}/keys`, { name: "new", scopes: ["read"], project_id: id }, again);
  await call("POST", `${v1}/keys`, { name: "other", scopes: ["read"] }, again);
  await call("POST", `${v1}/keys/${made?.split("_")[1] ?? "000000000000"}/rotate`, {});
  await call("POST", `${v1}/session`, { key });
  const [cookie = `__Host-tracing-toggle=${"x".repeat(43)}`] = cookies;
  await call("GET", `${v1}/session`, undefined, { authorization: "", cookie });
  await call("POST", `${v1}/projects`, { name: "new" }, again);
  await call("PATCH", `${v1}/projects/${id}/tracing`, { tracing_enabled: false });
  await call("POST", `${v1}/projects`, { id, name: "twice" });
  for (const path of [
    "projects",
    "keys",
    "events",
    `projects/${id}`,
    `projects/${id}/tracing`,
    `projects/${id}/events`,
  ])
    await call("GET", `${v1}/${path}`);
  await call("GET", `${v1}/events`, undefined, { accept: "application/x-ndjson" });
  await call("PUT", `${v1}/projects/${id}/users/user`, { trace: false });
  await call("GET", "/readyz");
  // a key in a wrong place
  await call("GET", `${v1}/projects/${key}`);
  await call("GET", `${v1}/${key}`);
  await call("GET", `/k/${key}/sampling?service=${id}`);
  await call("PUT", `/k/${key}/sampling`);
  await call("GET", `${v1}/projects?${key}=1`.replace("tt_", "key_"));
  await call("GET", `${v1}/keys?cursor=${key}`);
  await call("DELETE", `${v1}/keys/${key}`);
  await call("POST", `${v1}/keys`, { name: "x", scopes: [key] });
  await call("POST", `${v1}/session`, { key: `${key}0` });
  await call("PATCH", `${v1}/projects/${id}/tracing`, `{"tracing_enabled": ${key}`);
  await call("PATCH", `${v1}/projects/${id}/tracing`, { tracing_enabled: key });
  await call("GET", `${v1}/projects`, undefined, { authorization: `Basic ${key}` });
  await call("GET", `${v1}/projects`, undefined, { authorization: `Bearer ${key.slice(0, -1)}` });
  await call("POST", `${v1}/projects`, { name: "x" }, { "idempotency-key": `${key} ${key}` });
  await call("GET", `${v1}/projects`, undefined, { "x-request-id": `${CANARY}!` });
  return statuses;
}

async function run(env: Record<string, string> = {}, cron: "works" | "fails" = "works"): Promise<number[]> {
  const worker = createWorker({ workerEnv: { ...stack.workerEnv, ...env } });
  const statuses = await sendEverything(worker);
  const ran = worker.runCron();
  if (cron === "works") await ran;
  else await ran.catch((error: Error) => expect(secretsIn(`${error.stack} ${JSON.stringify(error)}`)).toEqual([]));
  await worker.settled();
  expect(log.lines.flatMap(secretsIn)).toEqual([]);
  return statuses;
}

test("while everything works", async () => {
  const statuses = await run();
  for (const status of [200, 201, 400, 401, 403, 404, 405, 409, 422]) expect(statuses).toContain(status);
  expect(statuses.filter((status) => status >= 500)).toEqual([]);
});

test.each([
  ["refuse the password", 400, JSON.stringify({ message: GOSSIP, code: "28P01", severity: "FATAL", detail: GOSSIP })],
  ["have a fault", 400, JSON.stringify({ message: GOSSIP, code: "XX000", where: GOSSIP })],
  ["break a constraint", 400, JSON.stringify({ message: GOSSIP, code: "23514", constraint: GOSSIP })],
  ["answer an error of HTTP", 502, `<html>${GOSSIP}</html>`],
  ["answer rubbish", 200, JSON.stringify({ gossip: GOSSIP, error: GOSSIP })],
  ["answer no JSON", 200, GOSSIP],
] as const)("while the stores %s", async (_, status, body) => {
  rudeAnswer = { status, body };
  const noDatabase = await run({ NEON_FETCH_ENDPOINT: rudeUrl }, "fails");
  expect(noDatabase.filter((each) => each >= 500).length).toBeGreaterThan(5);
  log.lines.length = 0;
  await run({ UPSTASH_REDIS_REST_URL: rudeUrl }, "fails");
});

test("while the stores are not there, and with credentials that they do not know", async () => {
  await run({ NEON_FETCH_ENDPOINT: "http://127.0.0.1:9" }, "fails");
  await run({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9" }, "fails");
  await run({ DATABASE_URL: `postgresql://tester:${CANARY}-wrong@127.0.0.1/test` }, "fails");
  await run({ UPSTASH_REDIS_REST_TOKEN: `${CANARY}-wrong` }, "fails");
});

test("nor does a setting that is wrong show itself", async () => {
  const env = { ...stack.workerEnv, DATABASE_URL: `${CANARY}://${CANARY}` };
  expect(() => createWorker({ workerEnv: env })).toThrow(expect.not.stringContaining(CANARY) as never);
});
