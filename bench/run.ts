// npm run bench [-- [--quick] [--keep] [part ...]]: measures the packed SDK beside its peers, and prints a table for each part.
// A whole run is also written to results.md. --quick is a trial; --keep measures the package that the last run packed.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { progress, type Run } from "./measure.ts";
import { installPeers, packSdk } from "./prepare.ts";
import { type Table, toMarkdown, toText } from "./table.ts";

const PARTS: Record<string, () => Promise<{ measure(run: Run): Promise<Table[]> }>> = {
  "hot-path": () => import("./hot-path/part.ts"),
  remote: () => import("./remote/part.ts"),
  "black-hole": () => import("./black-hole/part.ts"),
  size: () => import("./size/part.ts"),
  allocation: () => import("./hot-path/allocation.ts"),
  seed: () => import("./seed/part.ts"),
  commands: () => import("./commands/part.ts"),
  live: () => import("./live/part.ts"),
};

const args = process.argv.slice(2);
const quick = args.includes("--quick");
const chosen = args.filter((arg) => !arg.startsWith("--"));
const unknown = [
  ...chosen.filter((part) => !(part in PARTS)),
  ...args.filter((arg) => /^--(?!(quick|keep)$)/.test(arg)),
];
if (unknown.length > 0) {
  console.error(
    `Unknown: ${unknown.join(", ")}. Parts: ${Object.keys(PARTS).join(", ")}; --quick for a trial, --keep for the package of the last run.`,
  );
  process.exit(1);
}
const parts = chosen.length > 0 ? chosen : Object.keys(PARTS);

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");

/** The commit that is measured, as far as it is known. */
function commit(): string {
  const git = (...words: string[]) => spawnSync("git", words, { cwd: import.meta.dirname, encoding: "utf8" });
  const { status, stdout } = git("rev-parse", "--short", "HEAD");
  if (status !== 0) return "unknown";
  return stdout.trim() + (git("status", "--porcelain", "../sdk/src").stdout ? " with uncommitted changes" : "");
}

const begun = Date.now();
try {
  installPeers();
  if (!args.includes("--keep")) packSdk();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
const measured = commit();
const loadBefore = load();
const tables: Table[] = [];
for (const part of parts) {
  progress(`${part} ...`);
  const results = (await (await PARTS[part]?.())?.measure({ quick })) ?? [];
  progress("");
  for (const table of results) console.log(toText(table));
  tables.push(...results);
}

const [cpu] = cpus();
const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`;
const facts = [
  `Commit ${measured}; ${machine}; Node ${process.version}`,
  `Load average before ${loadBefore}, after ${load()} (the benchmark itself keeps one core busy)`,
  `${new Date(begun).toISOString().slice(0, 16).replace("T", " ")} UTC, ${Math.round((Date.now() - begun) / 1_000)} s, \`npm run bench${args.length > 0 ? ` -- ${args.join(" ")}` : ""}\``,
];
const missed = tables.flatMap(({ rows }) => rows).filter(({ targets }) => targets?.some(({ met }) => !met));
const summary =
  missed.length === 0 ? "Every target is met." : `Targets missed: ${missed.map(({ cells }) => cells[0]).join("; ")}.`;
console.log(["", ...facts, summary].join("\n"));

// A trial or a part is no result to keep.
if (!quick && !args.includes("--keep") && chosen.length === 0) {
  const intro = "Written by `npm run bench`. Ratios count, absolute figures are this machine's.";
  const list = facts.map((fact) => `- ${fact}`).join("\n");
  const text = ["# Benchmark results", intro, list, summary, ...tables.map(toMarkdown)].join("\n\n");
  writeFileSync(new URL("results.md", import.meta.url), `${text}\n`);
}
