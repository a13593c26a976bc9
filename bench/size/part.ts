import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { median, progress, type Run, shuffled } from "../measure.ts";
import { PACKAGE } from "../sdk.ts";
import { atMost, figure, type Table } from "../table.ts";
import { CORE, type Entry, entries } from "./entries.ts";

const CORE_BYTES = 4_500;
const IMPORT_MS = 8;
const folder = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  exports: Record<string, { default: string } | string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const manifest: Manifest = JSON.parse(readFileSync(`${PACKAGE}/package.json`, "utf8"));

/** Bytes of the bundle for an edge runtime, minified, and gzipped. Node's own modules and `external` are left out. */
async function sizeOf(source: string, external: string[] = []): Promise<[minified: number, gzipped: number]> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "edge-light", "import", "module", "default"],
    external: [...builtinModules.flatMap((name) => [name, `node:${name}`]), ...external],
    write: false,
    logLevel: "silent",
  });
  const { contents } = outputFiles[0] as { contents: Uint8Array };
  return [contents.length, gzipSync(contents, { level: 9 }).length];
}

/** Milliseconds that the import of a module takes in a new process. */
async function importTime(module: string): Promise<number> {
  const code = `const t = performance.now(); await import("${module}"); console.log(performance.now() - t); process.exit()`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], { cwd: folder });
  return Number(stdout.trim().split("\n").at(-1));
}

/** Minified and gzipped size, and the time of an import, of the core; and the sizes of the other exports. */
export async function measure(run: Run): Promise<Table[]> {
  return [await coreBesidePeers(run), await otherExports()];
}

async function coreBesidePeers({ quick }: Run): Promise<Table> {
  const runs = quick ? 3 : 15;
  const names = Object.keys(entries);
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const name of shuffled(names)) {
      progress(`import, ${run + 1} of ${runs}: ${name}`);
      times.get(name)?.push(await importTime((entries[name] as Entry).module));
    }
  }
  const rows = names.map(async (name) => {
    const [minified, gzipped] = await sizeOf((entries[name] as Entry).source);
    const milliseconds = median(times.get(name) ?? []);
    const targets = [atMost(gzipped, CORE_BYTES, "B"), atMost(milliseconds, IMPORT_MS, "ms")];
    const cells = [name, figure(gzipped), figure(minified), figure(milliseconds)];
    return { cells, ...(name === CORE && { targets }) };
  });
  const dependencies = Object.keys(manifest.dependencies ?? {}).join(", ") || "none";
  return {
    title: "Size and import",
    columns: ["", "min + gzip, B", "min, B", "import, ms"],
    rows: await Promise.all(rows),
    notes: [
      `esbuild, for an edge runtime, Node's own modules left out. Import: in a new process, median of ${runs}.`,
      `Run-time dependencies of tracing-toggle: ${dependencies}.`,
    ],
  };
}

async function otherExports(): Promise<Table> {
  const peers = Object.keys(manifest.peerDependencies ?? {}).flatMap((name) => [name, `${name}/*`]);
  const rows = Object.entries(manifest.exports).map(async ([name, target]) => {
    if (name === "." || typeof target === "string") return undefined;
    const core = 'export * from "./dist/index.js";'.replace(".", PACKAGE);
    const both = `${core}export * from "${PACKAGE}/${target.default}";`;
    const [[, alone], [, without]] = await Promise.all([sizeOf(both, peers), sizeOf(core)]);
    return { cells: [`${CORE}${name.slice(1)}`, figure(alone - without)], targets: [] };
  });
  return {
    title: "Size of the other exports",
    columns: ["", "min + gzip, B"],
    rows: (await Promise.all(rows)).filter((row) => row !== undefined),
    notes: ["What each adds to a bundle that has the whole core; its peer dependency left out."],
  };
}
