import { inProcess, median, progress, type Run, shuffled } from "../measure.ts";
import { atMost, figure, ratio, type Table } from "../table.ts";

const FLOOR = "floor: Map + seed + murmur3";
const OTHERS = [
  "floor: Map lookup",
  FLOOR,
  "OpenTelemetry ratio sampler",
  "flagd-core, on/off",
  "flagd-core, 30 %",
  "unleash, on/off",
  "unleash, 30 %",
  "configcat snapshot, on/off",
];
const PEEKS = ["peek, on", "peek, off", "peek, 30 %"];
const AWAITED = ["floor: async Map + murmur3", "await decide(), 30 %"];
const LIMIT = 100;

// A young generation that takes everything a sample allocates: no collection falls into it.
const FLAGS = ["--expose-gc", "--min-semi-space-size=128", "--max-semi-space-size=128"];

/** Bytes that a call leaves behind on the heap, once compiled. */
export async function measure({ quick }: Run): Promise<Table[]> {
  const rounds = quick ? 1 : 2;
  const bytes = new Map<string, number[]>();
  const names = [...OTHERS, ...PEEKS, ...AWAITED];
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names)) {
      progress(`allocation, round ${round + 1} of ${rounds}: ${name}`);
      const result = await inProcess<number>(new URL("bytes.ts", import.meta.url), [name], { flags: FLAGS });
      bytes.set(name, [...(bytes.get(name) ?? []), result]);
    }
  }
  const of = (name: string): number => median(bytes.get(name) ?? []);
  return [
    {
      title: "Allocation per call",
      columns: ["", "bytes", "to flagd-core, 30 %"],
      rows: names.map((name) => ({
        cells: [name, figure(of(name)), ratio(of(name) / of("flagd-core, 30 %"))],
        ...(PEEKS.includes(name) && { targets: [atMost(of(name), LIMIT, "B")] }),
        ...(name === "await decide(), 30 %" && { targets: [] }),
      })),
      notes: [`Growth of the heap over 20,000 calls without a collection; median of ${rounds} processes of 9 samples.`],
    },
  ];
}
