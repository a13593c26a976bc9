import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The value below which the share `q` of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** In random order: whatever disturbs the machine in turns does not always hit the same subject. */
export const shuffled = <T>(values: readonly T[]): T[] =>
  values
    .map((value) => [Math.random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);

/** Runs a module in a process of its own and returns the JSON on the last line of its output. */
export async function inProcess<T>(
  module: URL,
  args: string[],
  { flags = [] as string[], timeoutMs = 120_000 } = {},
): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, fileURLToPath(module), ...args], {
    timeout: timeoutMs,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

/** Tells on standard error what goes on, in place. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** One run of the benchmark. */
export interface Run {
  /** A trial: few rounds, short samples. Its figures are no evidence. */
  quick: boolean;
}
