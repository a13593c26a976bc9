// npm run size: prints what is shipped, minified and gzipped, beside what the README promises; exit code 1 when it is more.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { esbuild } from "./sdk.ts";

const root = new URL("../", import.meta.url);
const LIMITS_KB = { worker: 170, page: 18, core: 4.5 };

const compressed = (content: Uint8Array): number => gzipSync(content, { level: 9 }).length / 1_000;

const gzipped = (files: string[]): number =>
  files.reduce((sum, file) => sum + compressed(readFileSync(new URL(file, root))), 0);

/** What `import { name } from "tracing-toggle"` adds to a user's bundle. */
function imported(name: string): number {
  const { outputFiles } = esbuild.buildSync({
    stdin: { contents: `export { ${name} } from "./sdk/dist/index.js"`, resolveDir: fileURLToPath(root) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    write: false,
  });
  return compressed(outputFiles[0].contents);
}

/** The scripts that the page loads before it shows anything; its other views are loaded when they are opened. */
const firstView = Array.from(
  readFileSync(new URL(".build/ui/index.html", root), "utf8").matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g),
  ([, file]) => `.build/ui/${file}`,
);
const sizes = {
  worker: gzipped([".build/worker/index.js"]),
  page: gzipped(firstView),
  core: imported("createTracingToggle"),
};

for (const [name, limit] of Object.entries(LIMITS_KB)) {
  const size = sizes[name as keyof typeof sizes];
  console.log(`${name.padEnd(8)} ${size.toFixed(2).padStart(6)} kB gz of ${limit}`);
  if (size > limit) process.exitCode = 1;
}
