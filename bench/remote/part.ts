import { type ChildProcess, fork } from "node:child_process";
import { median, progress, quantile, type Run, shuffled } from "../measure.ts";
import { atMost, figure, type Row, ratio, type Table } from "../table.ts";
import { subjects } from "./subjects.ts";

const FLOOR = "floor: fetch GET with a timeout";
const HELD = "decide(), one MGET";
const OURS = [HELD, "a new client's first decide()"];

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("a measuring process ended"));
    child.once("exit", ended);
    child.once("message", (value) => {
      child.off("exit", ended);
      resolve(value as T);
    });
  });
}

/** Starts a module of this folder; resolves with the process and its first message. */
async function start<T>(module: string, args: string[] = []): Promise<{ child: ChildProcess; first: T }> {
  const child = fork(new URL(module, import.meta.url), args);
  return { child, first: await message<T>(child) };
}

/** Each subject asks over loopback, one request at a time, in a process that lives for all rounds. */
export async function measure({ quick }: Run): Promise<Table[]> {
  const rounds = quick ? 3 : 31;
  const requests = quick ? 50 : 150;
  const server = await start<string>("server.ts");
  const names = Object.keys(subjects);
  const children = new Map<string, ChildProcess>();
  const times = new Map<string, number[][]>(names.map((name) => [name, []]));
  try {
    for (const name of names) children.set(name, (await start("child.ts", [name, server.first])).child);
    for (let round = -2; round < rounds; round++) {
      progress(`remote, round ${round + 1} of ${rounds}`);
      for (const name of shuffled(names)) {
        const child = children.get(name) as ChildProcess;
        child.send(requests);
        const taken = await message<number[]>(child);
        if (round >= 0) times.get(name)?.push(taken); // before, it was compiled
      }
    }
  } finally {
    for (const child of [...children.values(), server.child]) child.disconnect();
  }
  const medians = (name: string): number[] => times.get(name)?.map(median) ?? [];
  const toFloor = (name: string): number => {
    const floor = medians(FLOOR);
    return median(medians(name).map((value, round) => value / (floor[round] as number)));
  };
  const row = (name: string): Row => {
    const all = times.get(name)?.flat() ?? [];
    return { cells: [name, figure(median(all)), figure(quantile(all, 0.99)), ratio(toFloor(name))] };
  };
  return [
    {
      title: "One remote check",
      columns: ["", "ms", "p99", "to floor"],
      rows: names.map((name) => {
        if (!OURS.includes(name)) return row(name);
        return { ...row(name), targets: name === HELD ? [atMost(toFloor(name), 1.1, "× floor")] : [] };
      }),
      notes: [
        `${rounds} rounds of ${requests} requests to a server on loopback; the ratio is the median of the rounds' ratios.`,
        "decide() with maxAgeMs 0, its policy unchanged; a new client reads the policy itself, too.",
      ],
    },
  ];
}
