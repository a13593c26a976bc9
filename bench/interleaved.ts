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

/**
 * Measures subjects in turns, in random order: each in a process of its own that lives for all rounds. What happens on the
 * machine then hits all subjects alike, and the ratios of a round's results say more than those of the medians.
 *
 * @param module calls {@link serve}; its arguments are the subject's name, then `args`
 * @param amount how much to measure in a round, as the module understands it
 * @returns for each subject the results of the rounds. Two rounds before the first do not count: in them code is compiled
 */
export async function interleaved<T>(
  module: URL,
  { names, args = [], rounds, amount }: { names: string[]; args?: string[]; rounds: number; amount: number },
): Promise<Map<string, T[]>> {
  const children = new Map<string, ChildProcess>();
  const results = new Map<string, T[]>(names.map((name) => [name, []]));
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
    return results;
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
