import { interleaved } from "../interleaved.ts";
import { median, quantile, type Run } from "../measure.ts";
import { atMost, figure, type Row, ratio, type Table, type Target } from "../table.ts";
import { subjects } from "./subjects.ts";

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

const MILLISECONDS = 25;

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
    title: "Hot path, 30 % per user, a policy that uses everything",
    others: ["peek, 30 %"],
    ours: ["peek, 30 %, policy with everything"],
    held: 1,
    limits: [{ name: "plain rollout", other: "peek, 30 %", limit: 1.5 }],
  },
  {
    title: "Hot path, awaited, from the snapshot",
    others: [ASYNC_FLOOR, "launchdarkly, on/off", "launchdarkly, 30 %", "configcat, 30 %"],
    ours: ["await decide(), 30 %", "await isEnabled(), 30 %"],
    held: 1,
    limits: [{ name: "floor", other: ASYNC_FLOOR, limit: 2 }],
  },
];

/** Nanoseconds a call: for each subject those of every round. */
type Timings = Map<string, number[]>;

export async function measure({ quick }: Run): Promise<Table[]> {
  const [generations, rounds] = quick ? [1, 5] : [3, 32];
  const names = [...new Set(PLANS.flatMap(({ others, ours }) => [...others, ...ours]))];
  const module = new URL("child.ts", import.meta.url);
  const timings: Timings = await interleaved(module, { names, generations, rounds, amount: MILLISECONDS });
  const how = `${generations} processes for each subject, ${rounds} rounds each, in which every subject has ${MILLISECONDS} ms`;
  return PLANS.map((plan) => tableOf(plan, timings, how));
}

function tableOf({ title, others, ours, held, limits }: Plan, timings: Timings, how: string): Table {
  const of = (name: string): number[] => timings.get(name) ?? [];
  const times = (name: string, other: string): number =>
    median(of(name).map((value, round) => value / (of(other)[round] as number)));
  const row = (name: string): Row => {
    const [least, middle, most] = [0.05, 0.5, 0.95].map((share) => figure(quantile(of(name), share)));
    const ratios = limits.map(({ other }) => ratio(times(name, other)));
    return { cells: [name, middle ?? "", `${least} to ${most}`, ...ratios] };
  };
  const targets = (name: string): Target[] =>
    limits.map(({ name: to, other, limit }) => atMost(times(name, other), limit, `× ${to}`));
  return {
    title,
    columns: ["", "ns", "90 % of the rounds", ...limits.map(({ name }) => `to ${name}`)],
    rows: [...others.map(row), ...ours.map((name, i) => ({ ...row(name), targets: i < held ? targets(name) : [] }))],
    notes: [`${how}: the median of its batches of 0.1 ms. Ratios are the median of the rounds' ratios.`],
  };
}

// Checked when the module is loaded, not after two minutes.
for (const name of PLANS.flatMap((plan) => [...plan.others, ...plan.ours])) {
  if (!(name in subjects)) throw new Error(`no subject ${name}`);
}
