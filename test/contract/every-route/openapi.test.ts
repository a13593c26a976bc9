import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApiDocument } from "../../../worker/openapi/document.ts";
import { operations } from "../../../worker/openapi/operations.ts";
import { fireRequests } from "../../harness/api-requests.ts";
import { type Stack, startStack } from "../../harness/stack.ts";
import { startWorker } from "../../harness/worker.ts";
import { liveRoutes } from "./live-routes.ts";

test("every route is described, and everything described is a route", () => {
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const live = liveRoutes().map((route) => route.replaceAll(/:(\w+)/g, "{$1}"));
  expect([...described].sort()).toEqual(live.sort());
  expect(new Set(described).size).toBe(described.length);
});

test("every operation has an id of its own", () => {
  const paths = openApiDocument("0.0.0").paths as Record<string, Record<string, { operationId: string }>>;
  const ids = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  expect(new Set(ids).size).toBe(ids.length);
});

describe("as it is deployed", () => {
  let stack: Stack;
  let worker: Awaited<ReturnType<typeof startWorker>>;

  beforeAll(async () => {
    stack = await startStack();
    worker = await startWorker(stack);
  });
  afterAll(async () => {
    await worker?.close();
    await stack?.close();
  });

  test("the description is at /openapi.json, and for people at /docs, without a script", async () => {
    const json = await worker.fetch("/openapi.json");
    expect(json.headers.get("content-type")).toContain("application/json");
    expect(await json.json()).toMatchObject({ openapi: "3.1.1", paths: { "/api/v1/projects/{id}/tracing": {} } });
    const docs = await worker.fetch("/docs");
    expect(docs.status).toBe(200);
    expect(docs.headers.get("content-security-policy")).toContain("default-src 'none'");
    const page = await docs.text();
    expect(page).toContain("Switch tracing on or off");
    expect(page).not.toMatch(/<script|style=|https?:\/\//);
  });
});

const REQUESTS = Number(process.env.API_REQUESTS ?? 400);

test(`${REQUESTS} requests made from the description, valid and broken: no 5xx, and every answer is as described`, async () => {
  const stack = await startStack();
  try {
    const outcome = await fireRequests(stack, REQUESTS);
    expect(outcome.surprises).toEqual([]);
    expect(outcome.done, "valid ones among them").toBeGreaterThan(REQUESTS / 10);
    expect(outcome.refused, "broken ones among them").toBeGreaterThan(REQUESTS / 10);
    expect([...outcome.types].sort()).toEqual(["application/json", "application/problem+json", "application/x-ndjson"]);
  } finally {
    await stack.close();
  }
}, 600_000);
