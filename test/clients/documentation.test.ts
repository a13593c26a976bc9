import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../harness/stack.ts";
import { startWorker } from "../harness/worker.ts";

const text = readFileSync(new URL("../../docs/other-languages.md", import.meta.url), "utf8");

/** The document's curl commands, each with the answer that is shown right below it, if one is. */
const commands = Array.from(
  text.matchAll(/^```sh\n(curl .*?)\n```\n(?:\n```json\n(.*?)\n```\n)?/gms),
  ([, command = "", answer]) => ({ command, answer }),
);

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let env: Record<string, string>;

beforeAll(async () => {
  stack = await startStack();
  worker = await startWorker(stack);
  const projectId = await stack.createProject();
  env = {
    PATH: process.env.PATH ?? "",
    TRACING_TOGGLE_API_URL: worker.url,
    TRACING_TOGGLE_API_KEY: await stack.createKey(),
    TRACING_TOGGLE_PROJECT_ID: projectId,
    TRACING_TOGGLE_SAMPLING_KEY: await stack.createKey({ scopes: ["read"], projectId }),
    UPSTASH_REDIS_REST_URL: stack.upstash.url,
    UPSTASH_REDIS_REST_TOKEN: stack.tokens.readOnlyToken,
  };
});
afterAll(async () => {
  await worker?.close();
  await stack?.close();
});

async function run(command: string): Promise<unknown> {
  const quiet = command.replace("curl ", "curl -sS --fail-with-body ");
  const { stdout } = await promisify(execFile)("sh", ["-euc", quiet], { env });
  return JSON.parse(stdout);
}

test("every curl of docs/other-languages.md is found", () => {
  expect(commands).toHaveLength(text.match(/^curl /gm)?.length as number);
  expect(commands.length).toBeGreaterThan(3);
});

test.for(commands)("docs/other-languages.md: $command", async ({ command, answer }) => {
  const said = await run(command);
  if (answer === undefined) return;
  const shown = JSON.parse(answer);
  if (shown.metadata) shown.metadata.version = expect.any(Number);
  expect(said).toEqual(shown);
});

test("the key that it has made is good for sampling, and what it reads from Redis is the switch", async () => {
  const [make, sample, read] = ["/api/v1/keys", "/sampling?", "/get/tracing:"].map(
    (path) => commands.find(({ command }) => command.includes(path))?.command as string,
  ) as [string, string, string];
  const made = (await run(make)) as { key: string };
  env.TRACING_TOGGLE_SAMPLING_KEY = made.key;
  await worker.fetch(`/api/v1/projects/${env.TRACING_TOGGLE_PROJECT_ID}/tracing`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${env.TRACING_TOGGLE_API_KEY}`, "content-type": "application/json" },
    body: '{"tracing_enabled":false}',
  });
  expect(await run(sample)).toMatchObject({ probabilisticSampling: { samplingRate: 0 } });
  expect(await run(read)).toEqual({ result: "false" });
});
