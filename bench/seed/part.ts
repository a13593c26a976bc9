import { type ChildProcess, fork } from "node:child_process";
import { interleaved, message } from "../interleaved.ts";
import { median, quantile, type Run } from "../measure.ts";
import { atMost, figure, ratio, type Table } from "../table.ts";
import type { Servers } from "./servers.ts";

const SEED = "the seed: GET by the upstash client";
const HIT_MS = 2;
const MISS_MS = 5;
const OVERHEAD_MS = 20;
const OVERHEAD_PERCENT = 5;
const MODELS_MS = 200; // two calls of a fast model

/** What a check costs in each of its ways, and what the switch costs an agent's run. */
export async function measure(run: Run): Promise<Table[]> {
  const child: ChildProcess = fork(new URL("servers.ts", import.meta.url));
  try {
    const servers = await message<Servers>(child);
    return [await costs(run, servers), await overhead(run, servers)];
  } finally {
    child.disconnect();
  }
}

async function costs({ quick }: Run, { redis, api }: Servers): Promise<Table> {
  const [generations, rounds, calls] = quick ? [1, 3, 20] : [1, 15, 100];
  const targets = {
    [SEED]: undefined,
    "hit, snapshot": HIT_MS,
    "hit, Redis": undefined,
    "miss: Redis, then the API": MISS_MS,
    "error: both refuse connections": undefined,
  };
  const names = Object.keys(targets);
  const times = await interleaved<number[]>(new URL("costs.ts", import.meta.url), {
    names,
    args: [redis, api],
    generations,
    rounds,
    amount: calls,
  });
  const seed = median(times.get(SEED)?.flat() ?? []);
  return {
    title: "What a check costs: hit, miss and error",
    columns: ["", "ms", "p99", "to the seed's GET"],
    rows: Object.entries(targets).map(([name, limit]) => {
      const all = times.get(name)?.flat() ?? [];
      const milliseconds = [median(all), quantile(all, 0.99)].map((ms) => ms.toFixed(4));
      const cells = [name, ...milliseconds, ratio(median(all) / seed)];
      if (name === SEED) return { cells };
      return { cells, targets: limit ? [atMost(median(all), limit, "ms")] : [] };
    }),
    notes: [
      "Redis is the local stack's, over loopback: to a real one add a round trip for each request.",
      "Misses and errors are a new client's first check; after three errors a check costs what a hit of the snapshot does.",
    ],
  };
}

async function overhead({ quick }: Run, { redis }: Servers): Promise<Table> {
  const [generations, rounds, calls] = quick ? [1, 3, 20] : [2, 10, 50];
  const pairs = [
    ["untraced, bare", "untraced, switch off"],
    ["traced, bare", "traced, switch on"],
  ] as const;
  const names = pairs.flat();
  const times = await interleaved<number[]>(new URL("agent.ts", import.meta.url), {
    names,
    args: [redis],
    generations,
    rounds,
    amount: calls,
  });
  const medians = (name: string): number[] => times.get(name)?.map(median) ?? [];
  return {
    title: "What the switch costs a run of the demo agent (LangGraph)",
    columns: ["", "ms", "bare, ms", "more, ms", "of the bare run", "of a run with fast models"],
    rows: pairs.map(([bare, switched]) => {
      const before = medians(bare);
      const more = median(medians(switched).map((value, round) => value - (before[round] as number)));
      const instant = (more / median(before)) * 100;
      const real = (more / (median(before) + MODELS_MS)) * 100;
      const shares = [instant, real].map((percent) => `${percent.toFixed(1).replace("-0.0", "0.0")} %`);
      return {
        cells: [switched, figure(median(medians(switched))), figure(median(before)), more.toFixed(2), ...shares],
        targets: [atMost(more, OVERHEAD_MS, "ms"), atMost(real, OVERHEAD_PERCENT, "%")],
      };
    }),
    notes: [
      `The demo's two model calls take no time; with fast models: what is more, of a run ${MODELS_MS} ms longer. Real ones take seconds.`,
      "Off, an inert tracer stands in LangSmith's place, since LangChain would make one of its own with LANGSMITH_TRACING=true.",
      `${generations} processes for each, ${rounds} rounds of ${calls} runs; more: the median of the rounds' differences. Traced runs go to a tracer that only counts spans.`,
    ],
  };
}
