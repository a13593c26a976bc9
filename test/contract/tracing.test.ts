import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

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

test("switching off is in Redis when the answer arrives", async () => {
  const key = await stack.createKey();
  const id = await stack.createProject();
  const response = await worker.fetch(`/api/v1/projects/${id}/tracing`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ tracing_enabled: false }),
  });
  expect(await response.json()).toMatchObject({
    status: "ok",
    tracing_enabled: false,
    message: "Tracing disabled for project",
    propagation: "live",
  });
  expect(await stack.redis.get(`tracing:${id}:enabled`)).toBe("false");
});
