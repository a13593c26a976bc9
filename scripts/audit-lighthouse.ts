import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Figure } from "./audit-figure.ts";

/** Fetched when it is needed: with its 100 MB it is not for everybody's install. */
const LIGHTHOUSE = "lighthouse@13.5.0";

const CATEGORIES = ["accessibility", "best-practices", "performance"] as const;

interface Report {
  runtimeError?: { message: string };
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, { score: number | null; title: string; numericValue?: number }>;
}

async function runLighthouse(url: string, headers: Record<string, string>): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), "audit-"));
  const file = (name: string) => path.join(folder, name);
  try {
    await writeFile(file("headers.json"), JSON.stringify(headers));
    const args = [
      ...["exec", "--yes", `--package=${LIGHTHOUSE}`, "--", "lighthouse", url],
      ...["--quiet", "--output=json", `--output-path=${file("report.json")}`, "--no-enable-error-reporting"],
      ...[`--only-categories=${CATEGORIES.join(",")}`, `--extra-headers=${file("headers.json")}`],
      "--chrome-flags=--headless=new --no-sandbox",
    ];
    const env = { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? "/usr/bin/chromium" };
    await promisify(execFile)("npm", args, { env });
    return JSON.parse(await readFile(file("report.json"), "utf8"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What took points from a category. */
const complaintsOf = ({ categories, audits }: Report, category: string): string[] =>
  (categories[category]?.auditRefs ?? [])
    .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 0.9)
    .map(({ id }) => `${category}: ${audits[id]?.title}`);

/** Lighthouse's scores of a page with its own settings for a phone, and its layout shift. `headers` sign it in. */
export async function lighthouseScores(
  url: string,
  headers: Record<string, string>,
  runs: number,
): Promise<Record<string, Figure>> {
  const reports: Report[] = [];
  for (let i = 0; i < runs; i++) reports.push(await runLighthouse(url, headers));
  const failed = reports.find(({ runtimeError }) => runtimeError)?.runtimeError;
  if (failed) throw new Error(`Lighthouse: ${failed.message}`);
  const scores = (category: string) =>
    reports.map(({ categories }) => Math.round((categories[category]?.score ?? 0) * 100));
  const numbers = (audit: string, digits: number) =>
    reports.map(({ audits }) => Number((audits[audit]?.numericValue ?? Number.NaN).toFixed(digits)));
  for (const complaint of new Set(
    reports.flatMap((report) => CATEGORIES.flatMap((name) => complaintsOf(report, name))),
  ))
    console.error(complaint);
  return {
    accessibility: { values: scores("accessibility"), limit: { atLeast: 100 } },
    "best practices": { values: scores("best-practices"), limit: { atLeast: 100 } },
    performance: { values: scores("performance"), limit: { atLeast: 98 } },
    "layout shift": { values: numbers("cumulative-layout-shift", 4), limit: { atMost: 0 } },
    "largest contentful paint": {
      values: numbers("largest-contentful-paint", 0),
      limit: { atMost: 2_500 },
      unit: " ms",
    },
  };
}
