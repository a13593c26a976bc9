// bytes.ts <subject>: bytes that a call leaves behind on the heap, once compiled. Run with --expose-gc.
import { setImmediate as turn } from "node:timers/promises";
import { median } from "../measure.ts";
import { prepare, sampler } from "./batch.ts";

const WARM_UP_MS = 300;
const CALLS = 20_000; // few enough that the young generation takes them without a collection

const { gc } = globalThis;
if (!gc) throw new Error("run with --expose-gc");
const batch = await prepare(process.argv[2] ?? "");
await sampler(batch)(WARM_UP_MS);
const samples: number[] = [];
for (let i = 0; i < 9; i++) {
  await turn();
  gc();
  const before = process.memoryUsage().heapUsed;
  await batch(0, CALLS);
  samples.push((process.memoryUsage().heapUsed - before) / CALLS);
}
process.stdout.write(`${JSON.stringify(median(samples))}\n`, () => process.exit(0)); // peers keep timers
