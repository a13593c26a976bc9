// npm run audit [-- --runs=5]: the built page on the local stack, signed in where it matters. Lighthouse's scores as on a phone, and
// how fast the switch answers with a processor four times slower; medians of several runs. Exit code 1 when one of them is not what
// it should be. The figures are those of a quiet machine.
import { loadavg } from "node:os";
import { apiOf } from "../test/harness/api.ts";
import { startStack } from "../test/harness/stack.ts";
import { startWorker } from "../test/harness/worker.ts";
import type { Figure } from "./audit-figure.ts";
import { lighthouseScores } from "./audit-lighthouse.ts";
import { responsiveness } from "./audit-responsiveness.ts";
import { buildIfStale } from "./build.ts";

const PROJECTS = 12;

const runs = Number(/^--runs=(\d+)$/.exec(process.argv[2] ?? "--runs=5")?.[1]);
if (!(runs > 0)) throw new Error("Say how many runs: --runs=5.");

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

const isGood = (value: number, limit: Figure["limit"]): boolean =>
  "atLeast" in limit ? value >= limit.atLeast : value <= limit.atMost;

function print(title: string, figures: Record<string, Figure>): void {
  console.log(`\n${title}`);
  for (const [name, { values, limit, unit = "" }] of Object.entries(figures)) {
    const value = median(values);
    const aim = "atLeast" in limit ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
    const mark = isGood(value, limit) ? "" : "  <- not good enough";
    console.log(
      `  ${name.padEnd(28)} ${value.toLocaleString("en").padStart(6)}${unit} (${aim}; ${values.join(", ")})${mark}`,
    );
    if (!isGood(value, limit)) process.exitCode = 1;
  }
}

/** The header that signs the page in. */
async function signIn(key: string): Promise<Record<string, string>> {
  const response = await worker.fetch("/api/v1/session", {
    method: "POST",
    headers: { origin: worker.url, "content-type": "application/json" },
    body: JSON.stringify({ key }),
  });
  const [cookie] = response.headers.getSetCookie();
  if (!response.ok || !cookie) throw new Error(`Not signed in: ${response.status} ${await response.text()}`);
  return { Cookie: cookie.split(";")[0] as string };
}

const load = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");

await buildIfStale();
const stack = await startStack();
const worker = await startWorker(stack);
try {
  const key = await stack.createKey({ name: "Ada" });
  const api = apiOf(worker, key);
  const projects = await Promise.all(
    Array.from({ length: PROJECTS }, (_, i) => stack.createProject(`Support agent ${i + 1}`)),
  );
  for (const [i, id] of projects.entries()) await api.switch(id, i % 3 > 0, "audit");
  const project = `${worker.url}/projects/${projects[0]}`;
  const signedIn = await signIn(key);

  console.log(`Medians of ${runs} runs; load ${load()}`);
  for (const [title, url, headers] of [
    ["Sign-in, Lighthouse on a throttled phone", worker.url, {}],
    ["List of projects, Lighthouse on a throttled phone", worker.url, signedIn],
    ["Project, Lighthouse on a throttled phone", project, signedIn],
  ] as const)
    print(title, await lighthouseScores(url, headers, runs));
  print("Project, on a processor four times slower", await responsiveness(project, signedIn, runs));
  console.log(`\nload ${load()}`);
} finally {
  await worker.close();
  await stack.close();
}
