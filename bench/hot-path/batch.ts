import { setImmediate as turn } from "node:timers/promises";
import { COUNT } from "./ids.ts";
import { type Subject, subjects } from "./subjects.ts";

/** Decides for so many ids, beginning with that one; returns how many of the decisions are "true". */
export type Batch = (from: number, calls: number) => number | Promise<number>;

/** Sets a subject up and checks that it decides as it should. */
export async function prepare(name: string): Promise<Batch> {
  const setUp = subjects[name];
  if (!setUp) throw new Error(`no subject ${name}`);
  const subject = await setUp();
  const batch = batchOf(subject);
  const share = (await batch(0, COUNT)) / COUNT;
  if (Math.abs(share - subject.share) > 0.03) throw new Error(`${name} decides "true" for ${share * 100} % of the ids`);
  return batch;
}

// A process has one subject, so that the loop is compiled for it alone.
function batchOf(subject: Subject): Batch {
  const { ids } = subject;
  if ("decide" in subject) {
    const { decide } = subject;
    return (from, calls) => {
      let traced = 0;
      for (let i = 0, at = from; i < calls; i++) {
        if (decide(ids[at] as string)) traced++;
        if (++at === COUNT) at = 0;
      }
      return traced;
    };
  }
  const { decideAsync, isTrue } = subject;
  return async (from, calls) => {
    let traced = 0;
    for (let i = 0, at = from; i < calls; i++) {
      if (isTrue(await decideAsync(ids[at] as string))) traced++;
      if (++at === COUNT) at = 0;
    }
    return traced;
  };
}

const BATCH_MS = 0.1;
const TURN_MS = 5; // the event loop gets its turn this often: refreshes must be able to end

/** Makes a function that runs batches of about 0.1 ms for so many milliseconds, and returns nanoseconds a call. */
export function sampler(batch: Batch): (forMs: number) => Promise<number[]> {
  let calls = 16;
  let position = 0;
  return async (forMs) => {
    const samples: number[] = [];
    const end = performance.now() + forMs;
    let turnedAt = 0;
    while (performance.now() < end) {
      if (performance.now() - turnedAt > TURN_MS) {
        await turn();
        turnedAt = performance.now();
      }
      const begun = performance.now();
      const traced = batch(position, calls);
      if (typeof traced !== "number") await traced;
      const taken = performance.now() - begun;
      samples.push((taken * 1e6) / calls);
      position = (position + calls) % COUNT;
      if (taken < BATCH_MS * 0.8) calls = Math.min(calls * 2, 2 ** 16);
      else if (taken > BATCH_MS * 4 && calls > 16) calls >>= 1;
    }
    return samples;
  };
}
