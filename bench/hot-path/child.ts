// child.ts <subject> time|bytes <milliseconds>: measures one subject in a process of its own, and prints one line of JSON.
import { setImmediate as turn } from "node:timers/promises";
import { median, quantile } from "../measure.ts";
import { COUNT } from "./ids.ts";
import { subjects } from "./subjects.ts";

const [, , name = "", mode, milliseconds] = process.argv;
const MEASURE_MS = Number(milliseconds);
const BATCH_MS = 0.1;
const TURN_MS = 5; // the event loop gets its turn this often: refreshes must be able to end
const CALLS = 20_000; // for bytes: few enough that the young generation takes them without a collection

const setUp = subjects[name];
if (!setUp) throw new Error(`no subject ${name}`);
const subject = await setUp();
const { ids } = subject;

// Written out for each kind, so that the call is the only thing that differs between processes.
const batch =
  "decide" in subject
    ? ((decide) => (from: number, calls: number) => {
        let traced = 0;
        for (let i = 0, at = from; i < calls; i++) {
          if (decide(ids[at] as string)) traced++;
          if (++at === COUNT) at = 0;
        }
        return traced;
      })(subject.decide)
    : (
        ({ decideAsync, isTrue }) =>
        async (from: number, calls: number) => {
          let traced = 0;
          for (let i = 0, at = from; i < calls; i++) {
            if (isTrue(await decideAsync(ids[at] as string))) traced++;
            if (++at === COUNT) at = 0;
          }
          return traced;
        }
      )(subject);

let position = 0;
let turnedAt = 0;

/** Times batches for so long; returns nanoseconds a call. */
async function sample(forMs: number, calls: { inBatch: number; adapt: boolean }): Promise<number[]> {
  const samples: number[] = [];
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    if (performance.now() - turnedAt > TURN_MS) {
      await turn();
      turnedAt = performance.now();
    }
    const begun = performance.now();
    if ("decide" in subject) batch(position, calls.inBatch);
    else await batch(position, calls.inBatch);
    const took = performance.now() - begun;
    samples.push((took * 1e6) / calls.inBatch);
    position = (position + calls.inBatch) % COUNT;
    if (calls.adapt && took < BATCH_MS * 0.8) calls.inBatch = Math.min(calls.inBatch * 2, 2 ** 16);
    else if (calls.adapt && took > BATCH_MS * 4 && calls.inBatch > 16) calls.inBatch >>= 1;
  }
  return samples;
}

async function bytes(): Promise<number> {
  const { gc } = globalThis;
  if (!gc) throw new Error("run with --expose-gc");
  const samples: number[] = [];
  for (let i = 0; i < 9; i++) {
    await turn();
    gc();
    const before = process.memoryUsage().heapUsed;
    await batch(0, CALLS);
    samples.push((process.memoryUsage().heapUsed - before) / CALLS);
  }
  return median(samples);
}

const share = (await batch(0, COUNT)) / COUNT;
if (Math.abs(share - subject.share) > 0.03) throw new Error(`${name} decides "true" for ${share * 100} % of the ids`);
const calls = { inBatch: 16, adapt: true };
await sample(MEASURE_MS / 2, calls);
const samples = await sample(mode === "bytes" ? 0 : MEASURE_MS, { ...calls, adapt: false });
const result = mode === "bytes" ? { bytes: await bytes() } : { p50: median(samples), p5: quantile(samples, 0.05) };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0)); // peers keep timers
