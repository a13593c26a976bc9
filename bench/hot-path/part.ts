import { inProcess, median, progress, type Run, shuffled } from "../measure.ts";
import { atMost, figure, type Row, ratio, type Table, type Target } from "../table.ts";
import { subjects } from "./subjects.ts";

interface Timing {
  p50: number;
  p5: number;
}

/** A table: the floors, the peers, and our rows with what they are held to. */
interface Plan {
  title: string;
  others: string[];
  /** The first `held` of them are held to the limits; the rest do more than the others' rows, and are for information. */
  ours: string[];
  held: number;
  /** At most so many times the other's time. */
  limits: { name: string; other: string; limit: number }[];
}

const FLOOR = "floor: Map + seed + murmur3";
const ASYNC_FLOOR = "floor: async Map + murmur3";

const PLANS: Plan[] = [
  {
    title: "Hot path, on/off, synchronous",
    others: [
      "floor: Map lookup",
      "floor: the clock alone",
      "flagd-core, on/off",
      "configcat snapshot, on/off",
      "unleash, on/off",
    ],
    ours: ["peek, on", "peek, off"],
    held: 2,
    limits: [{ name: "flagd-core", other: "flagd-core, on/off", limit: 0.9 }],
  },
  {
    title: "Hot path, 30 % per user, synchronous",
    others: [
      FLOOR,
      "OpenTelemetry ratio sampler",
      "jaeger-remote sampler",
      "flagd-core, 30 %",
      "unleash, 30 %",
      "growthbook, 30 %",
    ],
    ours: ["peek, 30 %", "peek, 30 %, 500 user overrides", "peek, 30 %, one of 100 projects"],
    held: 1,
    limits: [
      { name: "floor", other: FLOOR, limit: 1.5 },
      { name: "flagd-core", other: "flagd-core, 30 %", limit: 0.3 },
    ],
  },
  {
    title: "Hot path, awaited, from the snapshot",
    others: [ASYNC_FLOOR, "launchdarkly, on/off", "launchdarkly, 30 %", "configcat, 30 %"],
    ours: ["await decide(), 30 %", "await isEnabled(), 30 %"],
    held: 1,
    limits: [{ name: "floor", other: ASYNC_FLOOR, limit: 2 }],
  },
];

/** Every subject once a round, in random order, each in a process of its own. */
export async function measure({ quick }: Run): Promise<Table[]> {
  const rounds = quick ? 1 : 5;
  const milliseconds = quick ? 200 : 400;
  const timings = new Map<string, Timing[]>();
  const names = PLANS.flatMap(({ others, ours }) => [...others, ...ours]);
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names)) {
      progress(`hot path, round ${round + 1} of ${rounds}: ${name}`);
      const timing = await inProcess<Timing>(new URL("child.ts", import.meta.url), [name, "time", `${milliseconds}`]);
      timings.set(name, [...(timings.get(name) ?? []), timing]);
    }
  }
  return PLANS.map((plan) => tableOf(plan, timings, rounds));
}

function tableOf({ title, others, ours, held, limits }: Plan, timings: Map<string, Timing[]>, rounds: number): Table {
  const values = (name: string, of: keyof Timing): number[] => timings.get(name)?.map((timing) => timing[of]) ?? [];
  const times = (name: string, other: string, of: keyof Timing): number =>
    median(values(name, of)) / median(values(other, of));
  const row = (name: string): Row => {
    const p50s = values(name, "p50");
    const spread = `${figure(Math.min(...p50s))} to ${figure(Math.max(...p50s))}`;
    const ratios = limits.flatMap(({ other }) => [ratio(times(name, other, "p50")), ratio(times(name, other, "p5"))]);
    return { cells: [name, figure(median(p50s)), figure(median(values(name, "p5"))), spread, ...ratios] };
  };
  const targets = (name: string): Target[] =>
    limits.map(({ name: to, other, limit }) => atMost(times(name, other, "p50"), limit, `× ${to}`));
  return {
    title,
    columns: ["", "ns", "p5", "medians of the rounds", ...limits.flatMap(({ name }) => [`to ${name}`, "by p5"])],
    rows: [...others.map(row), ...ours.map((name, i) => ({ ...row(name), targets: i < held ? targets(name) : [] }))],
    notes: [
      `Nanoseconds a call: median over ${rounds} rounds of the median over batches of 0.1 ms; each subject in a process of its own.`,
      "p5: the same of the batches' 5 % quantile, which a busy machine changes little. Where the two ratios differ, it was busy.",
    ],
  };
}

// Checked when the module is loaded, not after two minutes.
for (const name of PLANS.flatMap((plan) => [...plan.others, ...plan.ours])) {
  if (!(name in subjects)) throw new Error(`no subject ${name}`);
}
