import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = `${root}sdk/dist`;

/** The bundler that Wrangler brings along. */
export const esbuild = createRequire(createRequire(import.meta.url).resolve("wrangler"))("esbuild");

/** Bundles modules for no platform in particular; what is not ours is left out. */
function bundle(modules: string[]): { path: string; text: string }[] {
  const { outputFiles } = esbuild.buildSync({
    entryPoints: modules,
    absWorkingDir: root,
    outbase: "sdk/src",
    outdir: dist,
    chunkNames: "shared/[name]-[hash]",
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "neutral",
    target: "es2022",
    charset: "utf8",
    write: false,
    logLevel: "silent",
  });
  return outputFiles;
}

/** Another process may be reading the file. */
function replace(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

/** These share state, such as which run has been decided. */
const TOGETHER = /\/lang(chain|graph|smith)\.ts$/;

/** Writes the types, and checks them. */
function declare(): void {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-b", "sdk"], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`tsc -b sdk failed:\n${stdout}${stderr}`);
}

/**
 * Builds the SDK into `sdk/dist`. Each file that an import loads costs it most of a millisecond, so that an export is one file,
 * where it shares no state with another: not the core's modules, but a few functions of theirs twice.
 */
export function buildSdk(): void {
  declare();
  const { exports, bin } = JSON.parse(readFileSync(`${root}sdk/package.json`, "utf8")) as {
    exports: Record<string, { default: string } | string>;
    bin: Record<string, string>;
  };
  const programs = Object.values(bin);
  const exported = Object.values(exports).flatMap((target) => (typeof target === "string" ? [] : target.default));
  const modules = [...exported, ...programs].map((file) =>
    file.replace(/^(\.\/)?dist\//, "sdk/src/").replace(/js$/, "ts"),
  );
  const alone = modules.filter((module) => !TOGETHER.test(module));
  const files = [modules.filter((module) => TOGETHER.test(module)), ...alone.map((module) => [module])].flatMap(bundle);
  for (const file of files) replace(file.path, file.text);
  for (const program of programs) chmodSync(`${root}sdk/${program}`, 0o755);
  const built = new Set(files.map((file) => file.path));
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const isOurs = name.endsWith(".d.ts")
      ? existsSync(`${root}sdk/src/${name.replace(/\.d\.ts$/, ".ts")}`)
      : built.has(path.join(dist, name)) || !name.endsWith(".js");
    if (!isOurs) rmSync(path.join(dist, name), { force: true }); // of a module that is no more
  }
}
