import { afterAll, beforeAll, expect, test } from "vitest";
import { environment, startExample } from "./examples.ts";
import { startOtlp } from "./otlp.ts";
import { startRedis } from "./servers.ts";

let otlp: Awaited<ReturnType<typeof startOtlp>>;
let redis: Awaited<ReturnType<typeof startRedis>>;
let worker: Awaited<ReturnType<typeof startExample>>;

beforeAll(async () => {
  [otlp, redis] = await Promise.all([startOtlp(), startRedis()]);
  worker = await startExample("otel-edge", { ...environment(redis), OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url });
});

afterAll(() => Promise.all([worker.close(), otlp.close(), redis.close()]));

test("the example in workerd follows the switch and the user, from the first request on", async () => {
  const ask = async (user = "") => (await fetch(`${worker.url}?user=${user}`)).json();
  redis.set({ enabled: false });
  expect(await ask()).toEqual({ traced: false });
  redis.set({ enabled: true, overrides: { a: [false, null] } });
  await expect.poll(() => ask(), { timeout: 10_000, interval: 200 }).toEqual({ traced: true });
  expect(await ask("a")).toEqual({ traced: false });
  await expect.poll(() => otlp.spans.length, { timeout: 10_000 }).toBe(2);
  const [model, agent] = otlp.spans.sort((a, b) => b.name.localeCompare(a.name));
  expect(model).toMatchObject({ name: "model", parentSpanId: agent?.spanId });
  expect(agent?.attributes["tracing_toggle.reason"]).toBe("enabled");
});
