import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { apiOf } from "../harness/api.ts";
import { freshSdk } from "../harness/readers.ts";
import { type Stack, startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";
import { type Case, cases, USER, withTable } from "./precedence-cases.ts";

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

test("the table in docs/rules.md shows these cases; npm run docs:precedence writes it", () => {
  const page = readFileSync(new URL("../../docs/rules.md", import.meta.url), "utf8");
  expect(page).toBe(withTable(page));
});
