// What docs/rules.md says.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { apiOf } from "../harness/api.ts";
import { freshSdk } from "../harness/readers.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";
import { type Case, cases, USER, withTable } from "../rules/precedence-cases.ts";

let stack: Stack;
let worker: ReturnType<typeof createWorker>;
let api: ReturnType<typeof apiOf>;

beforeAll(async () => {
  stack = await startStack();
  worker = createWorker(stack);
  api = apiOf(worker, await stack.createKey({ scopes: ["admin", "report"] }));
});
afterEach(() => worker.settled());
afterAll(() => stack?.close());

/** Sets both rules of a new project, in their order: by the Worker's explanation, and by an SDK that reads the document. */
async function decisions({ first, then }: Case): Promise<unknown[]> {
  const id = await stack.createProject();
  for (const [method, path, body] of first.name === then.name ? first.calls : [...first.calls, ...then.calls]) {
    const response = await api.call(method, `/projects/${id}${path}`, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  }
  const explained = await (await api.call("GET", `/projects/${id}/decision?user=${USER}`)).json();
  const told = await freshSdk(stack, id).decide({ userId: USER });
  return [explained, told].map(({ trace, reason }) => ({ trace, reason }));
}

const all = cases(new Date());
const names = [...new Set(all.map(({ first }) => first.name))];

test.each(names)(
  "after the rule %s, every other rule: the higher one decides, for the Worker and for an SDK",
  async (name) => {
    const actual: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    for (const tried of all.filter(({ first }) => first.name === name)) {
      const { trace, reason } = tried;
      expected[tried.then.name] = [
        { trace, reason },
        { trace, reason },
      ];
      actual[tried.then.name] = await decisions(tried);
    }
    expect(Object.keys(actual)).toEqual(names);
    expect(actual).toEqual(expected);
  },
);

const page = readFileSync(new URL("../../docs/rules.md", import.meta.url), "utf8");

test("its table shows these cases; npm run docs:precedence writes it", () => {
  expect(page).toBe(withTable(page));
});

const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(([, block]) => block as string);
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test.skipIf(!hasCurl)("its examples work as they stand, in the order of the page", async () => {
  const { port, close } = await listen(
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = request.method === "GET" ? null : await request.text();
      return worker.fetch(pathname + search, { method: request.method, headers: request.headers, body });
    },
    { port: 0, host: "127.0.0.1" },
  );
  onTestFinished(close);
  const shell = spawn("bash", ["-e", "-c", blocks("sh").join("\n")], {
    env: {
      PATH: process.env.PATH,
      TRACING_TOGGLE_API_URL: `http://127.0.0.1:${port}`,
      TRACING_TOGGLE_API_KEY: await stack.createKey({ scopes: ["admin", "report"] }),
      TRACING_TOGGLE_PROJECT_ID: await stack.createProject(),
    },
  });
  const [output, errors, [status]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, "exit")]);
  expect(status, output + errors).toBe(0);

  const answers = output
    .replaceAll("}{", "}\n{")
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.length).toBe(page.match(/^tt /gm)?.length);
  const [shown] = blocks("json").map((block) => JSON.parse(block));
  expect(Object.keys(answers[0])).toEqual(Object.keys(shown));
});
