import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSdk } from "./sdk.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const modifiedAt = (file: string): number => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** The folder with the tools and the Nodes that only the package's own checks need. */
export const tools = `${root}test/runtimes/`;

function run(command: string, args: string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}

/** Installs `tools` when they are missing or older than their lockfile; throws with npm's own words. */
export function installTools(): void {
  if (modifiedAt(`${tools}node_modules/.package-lock.json`) >= modifiedAt(`${tools}package-lock.json`)) return;
  console.error("Installing what the package is checked with (once; about half a minute) ...");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], tools);
}

/** Builds the SDK and packs it into `folder`, as it is published; returns the archive's path. */
export function packSdk(folder: string): string {
  mkdirSync(folder, { recursive: true });
  buildSdk();
  run("npm", ["pack", "./sdk", "--pack-destination", folder, "--loglevel=error"], root);
  return path.join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) as string);
}

/** Packs the SDK and unpacks it where `import "tracing-toggle"` of a file in `folder` finds it; returns the package's folder. */
export function installSdk(folder: string): string {
  const archive = packSdk(folder);
  const target = path.join(folder, "node_modules/tracing-toggle");
  mkdirSync(target, { recursive: true });
  run("tar", ["-xzf", archive, "-C", target, "--strip-components=1"], folder);
  return target;
}
