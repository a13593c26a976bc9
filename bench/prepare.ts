import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSdk } from "../scripts/sdk.ts";
import { PACKAGE } from "./sdk.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bench = fileURLToPath(new URL(".", import.meta.url));
const modifiedAt = (file: string): number => (existsSync(file) ? statSync(file).mtimeMs : 0);

function run(command: string, args: string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}

/** Installs the peers when they are missing or older than the lockfile. */
export function installPeers(): void {
  if (modifiedAt(`${bench}node_modules/.package-lock.json`) >= modifiedAt(`${bench}package-lock.json`)) return;
  console.error("Installing the peers (once) ...");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], bench);
}

/** Builds the SDK and unpacks its package: what is measured is what is published. */
export function packSdk(): void {
  const folder = path.join(root, ".build/bench");
  mkdirSync(folder, { recursive: true });
  buildSdk();
  for (const file of readdirSync(folder)) if (file.endsWith(".tgz")) rmSync(path.join(folder, file));
  run("npm", ["pack", "./sdk", "--pack-destination", folder, "--loglevel=error"], root);
  const archive = readdirSync(folder).find((file) => file.endsWith(".tgz")) as string;
  rmSync(PACKAGE, { recursive: true, force: true });
  mkdirSync(PACKAGE, { recursive: true });
  run("tar", ["-xzf", path.join(folder, archive), "-C", PACKAGE, "--strip-components=1"], root);
}
