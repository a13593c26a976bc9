import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const shellBlocks = (text: string) =>
  Array.from(text.matchAll(/^```sh\n(.*?)^```$/gms), ([, block]) => block as string);

/** The README's curl commands that ask the API, each as it stands there: also that of a pipeline's script. */
function commandsOfReadme(): string[] {
  const text = readFileSync(`${root}README.md`, "utf8");
  const scripts = Array.from(text.matchAll(/^ +- >-\n((?: {6}.*\n)+)/gm), ([, script = ""]) =>
    script.replaceAll("\n", " "),
  );
  return [...shellBlocks(text), ...scripts].filter(
    (command) => command.includes("curl") && command.includes("$TRACING_TOGGLE_API_URL"),
  );
}

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;

beforeAll(async () => {
  stack = await startStack();
  worker = await startWorker(stack);
});
afterAll(async () => {
  await worker?.close();
  await stack?.close();
});

/** Runs shell commands with the variables of the documents set, for a new project. */
async function run(commands: string, projectId?: string): Promise<{ code: unknown; output: string }> {
  const env = {
    PATH: process.env.PATH,
    TRACING_TOGGLE_API_URL: worker.url,
    TRACING_TOGGLE_API_KEY: await stack.createKey({ scopes: ["admin", "report"] }),
    TRACING_TOGGLE_PROJECT_ID: projectId ?? (await stack.createProject()),
  };
  return new Promise((resolve) => {
    const quiet = commands.replaceAll("curl ", "curl -sS ");
    execFile("sh", ["-e", "-u", "-c", quiet], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

test("there are commands in the README", () => {
  expect(commandsOfReadme().length).toBeGreaterThan(3);
});

test("each step of the README's GitHub workflow gives the action what it requires: GitHub knows no merge keys", () => {
  const action = readFileSync(`${root}action.yml`, "utf8");
  const required = Array.from(
    action.matchAll(/^ {2}([\w-]+):\n {4}description: .+\n {4}required: true$/gm),
    ([, name]) => name,
  );
  const steps = readFileSync(`${root}README.md`, "utf8").match(/^- uses: .*\n(?: +.*\n)+/gm) ?? [];
  expect([steps.length, required.length]).toEqual([2, 4]);
  for (const step of steps) {
    const given = Array.from(step.matchAll(/^ {4}([\w-]+): /gm), ([, name]) => name);
    expect(given).toEqual(expect.arrayContaining(required));
  }
});

test("no pipeline of the README makes of an emergency stop one that ends by itself", async () => {
  const forAWhile = commandsOfReadme().filter((command) => command.includes('"duration_seconds"'));
  expect(forAWhile).not.toEqual([]);
  for (const command of forAWhile) {
    const projectId = await stack.createProject();
    const stop = `tracing:${projectId}:enabled`;
    await stack.redis.set(stop, "false");
    expect(JSON.parse((await run(command, projectId)).output)).toMatchObject({ propagation: "held", effective: false });
    expect(await stack.redis.pttl(stop)).toBe(-1);
  }
});

test.for(commandsOfReadme())("README.md: %s", async (command) => {
  const { code, output } = await run(command);
  expect(code, output).toBe(0);
  expect(() => JSON.parse(output), output).not.toThrow();
});
