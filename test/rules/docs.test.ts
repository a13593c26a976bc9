import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { startStack } from "../harness/stack.ts";
import { createWorker } from "../harness/worker.ts";

const page = readFileSync(new URL("../../docs/rules.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(([, block]) => block as string);

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test.skipIf(!hasCurl)("every example of docs/rules.md works as it stands, in the order of the page", async () => {
  const stack = await startStack();
  const worker = createWorker(stack);
  const { port, close } = await listen(
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = request.method === "GET" ? null : await request.text();
      return worker.fetch(pathname + search, { method: request.method, headers: request.headers, body });
    },
    { port: 0, host: "127.0.0.1" },
  );
  const examples = blocks("sh");
  const shell = spawn("bash", ["-e", "-c", examples.join("\n")], {
    env: {
      PATH: process.env.PATH,
      TRACING_TOGGLE_API_URL: `http://127.0.0.1:${port}`,
      TRACING_TOGGLE_API_KEY: await stack.createKey({ scopes: ["admin", "report"] }),
      TRACING_TOGGLE_PROJECT_ID: await stack.createProject(),
    },
  });
  const [output, errors, [status]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, "exit")]);
  await worker.settled();
  await close();
  await stack.close();
  expect(status, output + errors).toBe(0);

  const answers = output
    .replaceAll("}{", "}\n{")
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.length).toBe(page.match(/^tt /gm)?.length);
  const [shown] = blocks("json").map((block) => JSON.parse(block));
  expect(Object.keys(answers[0])).toEqual(Object.keys(shown));
});
