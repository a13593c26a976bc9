import { fork } from "node:child_process";
import { interleaved, message } from "../interleaved.ts";
import { median, quantile, type Run } from "../measure.ts";
import { atMost, figure, type Row, ratio, type Table } from "../table.ts";
import { subjects } from "./subjects.ts";

const FLOOR = "floor: fetch GET with a timeout";
const HELD = "decide(), one MGET";
const OURS = [HELD, "a new client's first decide()"];

/** Each subject asks over loopback, one request at a time. */
export async function measure({ quick }: Run): Promise<Table[]> {
  const [generations, rounds, calls] = quick ? [1, 3, 50] : [3, 12, 100];
  const names = Object.keys(subjects);
  const server = fork(new URL("server.ts", import.meta.url));
  const url = await message<string>(server);
  const times = await interleaved<number[]>(new URL("child.ts", import.meta.url), {
    names,
    args: [url],
    generations,
    rounds,
    amount: calls,
  });
  server.disconnect();

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
        `${generations} processes for each, ${rounds} rounds of ${calls} requests to a server on loopback. The ratio is the median of the rounds' ratios.`,
        "The floor asks for the same command as decide() with maxAgeMs 0 and an unchanged policy; a new client reads the policy itself, too.",
      ],
    },
  ];
}
