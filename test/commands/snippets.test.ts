import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeFor, environmentFor, GROUPS, type Name, SNIPPETS } from "../../ui/integration/snippets.ts";
import { meanings } from "../../ui/strings/integration.ts";
import { apiOf } from "../harness/api.ts";
import { runSnippet } from "../harness/run-snippet.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let id: string;
/** Where the package is found, as in a project that has installed it. */
let folder: string;

beforeAll(async () => {
  stack = await startStack();
  worker = await startWorker(stack);
  id = await stack.createProject();
  mkdirSync(`${root}.build/test`, { recursive: true });
  folder = mkdtempSync(`${root}.build/test/snippets-`);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await worker?.close();
  await stack?.close();
});

/** As the page shows it. */
const code = (name: Name) => codeFor(SNIPPETS[name], id, worker.url);

test("all that are in TypeScript are accepted by the compiler, with the package's own types", async () => {
  const names = Object.keys({ ...GROUPS.runtimes, ...GROUPS.frameworks }) as Name[];
  for (const name of names) writeFileSync(`${folder}/${name}.ts`, code(name));
  copyFileSync(`${root}ui/integration/snippets/your-agent.ts`, `${folder}/your-agent.ts`);
  copyFileSync(`${root}examples/cloudflare.d.ts`, `${folder}/cloudflare.d.ts`);
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({ extends: `${root}tsconfig.node.json`, include: ["."], references: [] }),
  );
  const args = [
    "--project",
    folder,
    "--noEmit",
    "--composite",
    "false",
    "--emitDeclarationOnly",
    "false",
    "--listFiles",
  ];
  const { stdout } = await run(`${root}node_modules/.bin/tsc`, args).catch((error) => Promise.reject(error.stdout));
  for (const name of names) expect(stdout).toContain(`${folder}/${name}.ts\n`);
}, 60_000);

test("the one for Node decides and reports, with its environment and the secrets filled in", async () => {
  const environment = environmentFor(SNIPPETS.node, { project: id, url: worker.url }, meanings);
  expect(await runSnippet(stack, id, environment, code("node"))).toBe("traced enabled\n");
  const status = await apiOf(worker, await stack.createKey()).call("GET", `/projects/${id}/status`);
  expect(await status.json()).toMatchObject({ instances: { count: 1 } });
});

test("the one for curl switches the project off, and reads that it is", async () => {
  const env = {
    PATH: process.env.PATH,
    TRACING_TOGGLE_API_KEY: await stack.createKey({ scopes: ["write"], projectId: id }),
  };
  const quiet = code("curl").replaceAll("curl ", "curl -sS -w '\\n' ");
  const { stdout } = await run("sh", ["-e", "-u", "-c", quiet], { env });
  const [changed, read] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(changed).toMatchObject({ effective: false, reason: "override", propagation: "live" });
  expect(read).toMatchObject({ effective: false, reason: "override" });
});

test("the one for GitHub gives the action every input that it needs, and none that it does not know", () => {
  const action = readFileSync(`${root}action.yml`, "utf8");
  const [, section = ""] = /^inputs:\n(.*?)^outputs:/ms.exec(action) ?? [];
  const inputs = Array.from(section.matchAll(/^ {2}([\w-]+):\n((?: {4}.*\n)+)/gm), ([, name, rest = ""]) => ({
    name,
    isRequired: rest.includes("required: true"),
  }));
  const steps = code("github").match(/^- uses: .*(?:\n +.*)+/gm) ?? [];
  expect(steps).toHaveLength(2);
  for (const step of steps) {
    const given = Array.from(step.matchAll(/^ {4}([\w-]+): /gm), ([, name]) => name);
    expect(inputs.map(({ name }) => name)).toEqual(expect.arrayContaining(given));
    expect(given).toEqual(expect.arrayContaining(inputs.filter((input) => input.isRequired).map(({ name }) => name)));
  }
});

describe("those in other languages are what the documentation says", () => {
  const documentation = readFileSync(`${root}docs/other-languages.md`, "utf8").split("\n");
  const isSetting = (line: string) => /^(var |String )?(url|key|projectID) :?= /.test(line) || line === "import os";

  test.for(Object.keys(GROUPS.languages) as Name[])("%s", (name) => {
    const lines = code(name)
      .split("\n")
      .filter((line) => !isSetting(line));
    expect(lines.length).toBeGreaterThan(4);
    expect(documentation).toEqual(expect.arrayContaining(lines));
  });
});

test("none has a secret, and those that need the project or the address have this one's", () => {
  for (const name of Object.keys(SNIPPETS) as Name[]) {
    const shown = code(name) + environmentFor(SNIPPETS[name], { project: id, url: worker.url }, meanings);
    expect(shown, name).toMatch(new RegExp(`${id}|${worker.url}`));
    expect(shown, name).not.toMatch(/tt_|0197f3c2|example/);
    expect(
      shown.match(/^\w+_(KEY|TOKEN)=.*$/gm)?.every((line) => line.endsWith("=")),
      name,
    ).toBe(true);
  }
});
