import { inProcess, median, progress, type Run, shuffled } from "../measure.ts";
import { atMost, figure, type Row, ratio, type Table } from "../table.ts";
import type { Mode } from "./away.ts";
import { subjects } from "./subjects.ts";

const OURS = "decide(), first check";
const TIMEOUT_MS = 200; // the SDK's default
const MODES: Mode[] = ["black hole", "refused"];

/** Milliseconds of a first check, or null when it was not over within the limit. */
const first = (name: string, mode: Mode, limitMs: number): Promise<number | null> =>
  inProcess(new URL("first.ts", import.meta.url), [name, mode, `${limitMs}`], { timeoutMs: limitMs + 30_000 });

/** Nanoseconds a call. */
type Later = Record<"decide" | "peek", number>;

export async function measure(run: Run): Promise<Table[]> {
  return [await firstChecks(run), await laterChecks(run)];
}

async function firstChecks({ quick }: Run): Promise<Table> {
  const rounds = quick ? 3 : 11;
  const limitMs = quick ? 3_000 : 15_000;
  const ours: Record<string, number[]> = {};
  for (const mode of MODES) {
    ours[mode] = [];
    for (let round = 0; round < rounds; round++) {
      progress(`${mode}, ${round + 1} of ${rounds}`);
      ours[mode].push((await first(OURS, mode, limitMs)) ?? Number.POSITIVE_INFINITY);
    }
  }
  progress(`black hole: waiting for the peers, ${limitMs / 1_000} s at most`);
  const peers = Object.keys(subjects).filter((name) => name !== OURS);
  const taken = await Promise.all(
    peers.map(async (name, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 400)); // so that they do not start all at once
      const times: (number | null)[] = [];
      for (const mode of MODES) times.push(await first(name, mode, limitMs));
      return times;
    }),
  );
  const text = (ms: number | null): string => (ms === null ? `> ${figure(limitMs)}` : figure(ms));
  const ourRow: Row = {
    cells: [
      OURS,
      ...MODES.map((mode) => `${figure(median(ours[mode] ?? []))} (${figure(Math.max(...(ours[mode] ?? [])))})`),
    ],
    targets: [atMost(Math.max(...MODES.map((mode) => median(ours[mode] ?? []))), TIMEOUT_MS + 15, "ms")],
  };
  return {
    title: "Servers that are away: the first check of a process, ms",
    columns: ["", ...MODES],
    rows: [...peers.map((name, i) => ({ cells: [name, ...(taken[i] ?? []).map(text)] })), ourRow],
    notes: [
      `Black hole: connections are taken and nothing is answered; refused: nobody listens. Ours, with Redis and the API away: median (longest) of ${rounds} processes; peers once, in parallel.`,
    ],
  };
}

async function laterChecks({ quick }: Run): Promise<Table> {
  const rounds = quick ? 1 : 9;
  const milliseconds = quick ? 200 : 250;
  const module = new URL("later.ts", import.meta.url);
  const measured: Record<"known" | "away", Later>[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(`black hole, breaker open, round ${round + 1} of ${rounds}`);
    const taken: Partial<Record<"known" | "away", Later>> = {};
    for (const state of shuffled(["known", "away"] as const)) {
      taken[state] = await inProcess<Later>(module, [state, `${milliseconds}`]);
    }
    measured.push(taken as Record<"known" | "away", Later>);
  }
  return {
    title: "Servers that are away: checks after the breaker opened",
    columns: ["", "ns", "from the snapshot", "ratio"],
    rows: (["decide", "peek"] as const).map((name) => {
      const [away, known] = (["away", "known"] as const).map((state) =>
        figure(median(measured.map((taken) => taken[state][name]))),
      );
      const times = median(measured.map((taken) => taken.away[name] / taken.known[name]));
      const cells = [name === "decide" ? "await decide()" : "peek()", away ?? "", known ?? "", ratio(times)];
      return { cells, targets: name === "decide" ? [atMost(times, 1.5, "× snapshot")] : [] };
    }),
    notes: [
      `Both endpoints are black holes; the policy is known. ${rounds} pairs of processes; the ratio is the median of theirs.`,
    ],
  };
}
