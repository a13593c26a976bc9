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
 * Measures subjects in turns, in random order: each in a process of its own that lives for all rounds. Two rounds before
 * the first do not count, since in them the code is compiled.
 *
 * @param module calls {@link serve}
 * @param args of a subject's process, after its name
 * @returns for each subject the milliseconds of its calls, by round
 */
export async function interleaved(
  module: URL,
  { names, args = [], rounds, calls }: { names: string[]; args?: string[]; rounds: number; calls: number },
): Promise<Map<string, number[][]>> {
  const children = new Map<string, ChildProcess>();
  const times = new Map<string, number[][]>(names.map((name) => [name, []]));
  try {
    for (const name of names) {
      const child = fork(module, [name, ...args]);
      children.set(name, child);
      await message(child);
    }
    for (let round = -2; round < rounds; round++) {
      for (const name of shuffled(names)) {
        progress(`round ${round + 1} of ${rounds}: ${name}`);
        const child = children.get(name) as ChildProcess;
        child.send(calls);
        const taken = await message<number[]>(child);
        if (round >= 0) times.get(name)?.push(taken);
      }
    }
    return times;
  } finally {
    for (const child of children.values()) if (child.connected) child.disconnect();
  }
}

/** In the child process: makes as many calls as it is told to, and sends back the milliseconds of each with a right answer. */
export function serve(call: () => Promise<unknown>, isRight: (answer: unknown) => boolean): void {
  process.on("message", async (count: number) => {
    const times: number[] = [];
    let wrong: unknown;
    for (let i = -10; i < count; i++) {
      const begun = performance.now();
      const answer = await call();
      const taken = performance.now() - begun;
      if (i < 0) continue; // the first ones may have to connect anew, or find the snapshot stale
      if (isRight(answer)) times.push(taken);
      else wrong = answer;
    }
    // A busy machine may now and then let a time bound pass.
    if (times.length < count * 0.9) throw new Error(`${process.argv[2]} answers ${JSON.stringify(wrong)}`);
    process.send?.(times);
  });
  process.on("disconnect", () => process.exit());
  process.send?.("ready");
}
