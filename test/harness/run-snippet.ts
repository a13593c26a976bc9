import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Stack } from "./stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs the page's code for Node as somebody does who has copied it: in a process of its own over the package as it is built, with
 * the variables in a file and the secrets filled in. Answers what it prints.
 */
export async function runSnippet(stack: Stack, projectId: string, variables: string, code: string): Promise<string> {
  const secrets: Record<string, string> = {
    TRACING_TOGGLE_API_KEY: await stack.createKey({ scopes: ["report"], projectId }),
    UPSTASH_REDIS_REST_URL: stack.upstash.url,
    UPSTASH_REDIS_REST_TOKEN: stack.tokens.readOnlyToken,
  };
  await mkdir(`${root}.build/test`, { recursive: true });
  const folder = await mkdtemp(`${root}.build/test/snippet-`); // where the package is found
  const file = (name: string) => path.join(folder, name);
  try {
    await writeFile(
      file(".env"),
      variables.replace(/^(\w+)=$/gm, (_, name) => `${name}=${secrets[name]}`),
    );
    await writeFile(file("agent.ts"), code);
    const patience = `${root}test/adapters/patient.ts`;
    const args = ["--no-warnings", `--env-file=${file(".env")}`, "--import", patience, file("agent.ts")];
    return (await promisify(execFile)(process.execPath, args)).stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
