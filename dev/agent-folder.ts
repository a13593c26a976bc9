import { execFile } from "node:child_process";
import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}.build/agent`;
const run = promisify(execFile);

/**
 * Lays out the demo agent as a user's program: its sources beside the packed SDK, as `npm install tracing-toggle` has it.
 *
 * @returns the path of the agent's module
 */
export async function packAgent(): Promise<string> {
  const installed = `${folder}/node_modules/tracing-toggle`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(installed, { recursive: true });
  await cp(`${root}dev/agent`, folder, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--json", "--workspace", "sdk", "--pack-destination", folder], {
    cwd: root,
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await run("tar", ["-xzf", `${folder}/${filename}`, "-C", installed, "--strip-components=1"]);
  return `${folder}/agent.ts`;
}
