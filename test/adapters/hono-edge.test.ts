import { afterAll, beforeAll, expect, test } from "vitest";
import { environment, startExample } from "./examples.ts";
import { startRedis } from "./servers.ts";

let redis: Awaited<ReturnType<typeof startRedis>>;
let worker: Awaited<ReturnType<typeof startExample>>;

beforeAll(async () => {
  redis = await startRedis();
  worker = await startExample("hono", environment(redis));
});

afterAll(() => Promise.all([worker.close(), redis.close()]));

test("the example in workerd follows the switch and the user", async () => {
  const ask = async (user = "") => {
    const answer = await fetch(worker.url, { headers: { "x-user-id": user } });
    return [await answer.json(), answer.headers.get("server-timing")];
  };
  redis.set({ enabled: false, reason: "disabled", overrides: { a: [true, null] } });
  expect(await ask()).toEqual([{ traced: false, reason: "disabled" }, 'tracing-toggle;desc="disabled"']);
  expect(await ask("a")).toEqual([{ traced: true, reason: "user_override" }, 'tracing-toggle;desc="user_override"']);
  redis.set({ enabled: true, reason: "enabled" });
  await expect.poll(async () => (await ask())[0], { timeout: 10_000 }).toEqual({ traced: true, reason: "enabled" });
});
