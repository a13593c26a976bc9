// npm run build: the SDK (sdk/dist), the page (.build/ui) and the Worker's bundle (.build/worker), as they are deployed.
// With --if-stale only when a source is newer than the last build.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeApi } from "./describe-api.ts";
import { buildSdk } from "./sdk.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => `${root}node_modules/.bin/${name}`;
const env = {
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

async function run(command: string, args: string[]): Promise<void> {
  try {
    await promisify(execFile)(command, args, { cwd: root, env });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}

const SOURCES = [
  "worker",
  "sdk/src",
  "ui",
  "sdk/package.json",
  "sdk/tsconfig.json",
  "package-lock.json",
  "wrangler.toml",
  "scripts/build.ts",
  "scripts/describe-api.ts",
  "scripts/sdk.ts",
];
const STAMP = `${root}.build/built`;

/** When the newest file or folder below `path` changed; a folder changes when something in it is added or removed. */
function changedAt(path: string): number {
  const stats = statSync(path);
  const below = stats.isDirectory() ? readdirSync(path).map((name) => changedAt(`${path}/${name}`)) : [];
  return Math.max(stats.mtimeMs, ...below);
}

const isStale = (): boolean =>
  !existsSync(STAMP) || SOURCES.some((source) => changedAt(root + source) > statSync(STAMP).mtimeMs);

async function build(): Promise<void> {
  const began = new Date();
  buildSdk();
  // The Worker's assets are the page: Wrangler wants their folder to exist.
  mkdirSync(`${root}.build/ui`, { recursive: true });
  await Promise.all([
    run(bin("vite"), ["build", "--config", "ui/vite.config.ts", "--logLevel", "warn"]),
    run(bin("wrangler"), ["deploy", "--dry-run", "--outdir", ".build/worker"]),
  ]);
  describeApi(`${root}.build/ui`);
  writeFileSync(STAMP, "");
  utimesSync(STAMP, began, began); // what changed while it was built is newer
}

/** Builds everything, unless nothing has changed since the last time; rejects with the tool's own words. */
export async function buildIfStale(): Promise<void> {
  if (isStale()) await build();
}

if (import.meta.main) {
  try {
    await (process.argv.includes("--if-stale") ? buildIfStale() : build());
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
