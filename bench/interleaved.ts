import { type ChildProcess, fork } from "node:child_process";
import { progress, shuffled } from "./measure.ts";

/** The next message of a child process. Rejects when it ends instead. */
export function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("a measuring process ended"));
    child.once("exit", ended);
    child.once("message", (value) => {
      child.off("exit", ended);
      resolve(value as T);
    });
  });
}

interface Turns {
  names: string[];
  /** Of a subject's process, after the subject's name. */
  args?: string[];
  /** So many processes for each subject, one after the other: code is not always compiled the same. */
  generations: number;
  /** For each process. Two more before the first do not count: in them code is compiled. */
  rounds: number;
  /** How much to measure in a round, as the module understands it. */
  amount: number;
}

/**
 * Measures subjects in turns, in random order: each in a process of its own that lives for many rounds. What happens on the
 * machine then hits all subjects alike, and the ratios of a round's results say more than those of the medians.
 *
 * @param module calls {@link serve}
 * @returns for each subject the results of all rounds, in their order
 */
export async function interleaved<T>(module: URL, turns: Turns): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(turns.names.map((name) => [name, []]));
  for (let i = 0; i < turns.generations; i++) await generation(module, turns, results);
  return results;
}

async function generation<T>(
  module: URL,
  { names, args = [], rounds, amount }: Turns,
  results: Map<string, T[]>,
): Promise<void> {
  const children = new Map<string, ChildProcess>();
  try {
    for (const name of names) {
      progress(`setting up: ${name}`);
      const child = fork(module, [name, ...args]);
      children.set(name, child);
      await message(child);
    }
    for (let round = -2; round < rounds; round++) {
      for (const name of shuffled(names)) {
        progress(`round ${round + 1} of ${rounds}: ${name}`);
        const child = children.get(name) as ChildProcess;
        child.send(amount);
        const result = await message<T>(child);
        if (round >= 0) results.get(name)?.push(result);
      }
    }
  } finally {
    for (const child of children.values()) if (child.connected) child.disconnect();
  }
}

/** In the child process, once it is set up: measures whenever the parent says so. */
export function serve<T>(measure: (amount: number) => Promise<T>): void {
  process.on("message", async (amount: number) => process.send?.(await measure(amount)));
  process.on("disconnect", () => process.exit());
  process.send?.("ready");
}

/** Makes so many calls, and returns the milliseconds of each that has a right answer. */
export const timed =
  (call: () => Promise<unknown>, isRight: (answer: unknown) => boolean) =>
  async (calls: number): Promise<number[]> => {
    const times: number[] = [];
    let wrong: unknown;
    for (let i = -10; i < calls; i++) {
      const begun = performance.now();
      let answer: unknown;
      try {
        answer = await call();
      } catch (error) {
        answer = `${error}`;
      }
      const taken = performance.now() - begun;
      if (i < 0) continue; // the first ones may have to connect anew, or find the snapshot stale
      if (isRight(answer)) times.push(taken);
      else wrong = answer;
    }
    // A busy machine may now and then let a time bound pass.
    if (times.length < calls * 0.9) throw new Error(`${process.argv[2]} answers ${JSON.stringify(wrong)}`);
    return times;
  };
