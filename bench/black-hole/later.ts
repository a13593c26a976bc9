// later.ts known|away <milliseconds>: what a check costs from the snapshot, or once both endpoints are away and their
// breakers have opened. Milliseconds: how long to measure.
import { setImmediate as turn } from "node:timers/promises";
import { median } from "../measure.ts";
import { loadSdk, PROJECT, policy, storedValue } from "../sdk.ts";
import { away } from "./away.ts";

const [, , state, milliseconds] = process.argv;
const { createTracingToggle } = await loadSdk();
const hole = await away("black hole");
const document = policy({ sample_rate: 0.3 });

let reachable = true;
const fetchOrHang: typeof fetch = async (input, init) => {
  if (!reachable) return fetch(input, init);
  const keys = new URL(`${input}`).pathname.split("/").slice(2).map(decodeURIComponent);
  return Response.json({ result: keys.map((key) => storedValue(key, document)) });
};
const tracing = createTracingToggle({
  projectId: PROJECT,
  redis: { url: hole, token: "token" },
  api: { url: hole, key: "key" },
  logger: null,
  fetch: fetchOrHang,
});
await tracing.ready();

const users = Array.from({ length: 1_000 }, (_, i) => `user-${i}`);
if (state === "away") {
  reachable = false;
  await new Promise((resolve) => setTimeout(resolve, 1_000)); // the snapshot is stale now
  while (tracing.stats().api.failures < 3) await tracing.decide({ userId: "user-1" });
}

const CALLS = 500;
const batch = {
  async decide() {
    for (let i = 0; i < CALLS; i++) await tracing.decide({ userId: users[i] });
  },
  peek() {
    for (let i = 0; i < CALLS; i++) tracing.peek({ userId: users[i] });
  },
};

async function sample(name: keyof typeof batch, forMs: number): Promise<number[]> {
  const samples: number[] = [];
  for (const end = performance.now() + forMs; performance.now() < end; await turn()) {
    const begun = performance.now();
    await batch[name]();
    samples.push(((performance.now() - begun) * 1e6) / CALLS);
  }
  return samples;
}

const requests = tracing.stats().redis.requests;
const result: Record<string, number> = {};
for (const name of ["decide", "peek"] as const) {
  await sample(name, Number(milliseconds) / 2);
  result[name] = median(await sample(name, Number(milliseconds)));
}
if (state === "away" && tracing.stats().redis.requests !== requests) throw new Error("the breaker is not open");
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
