// npm run size: prints what is shipped, minified and gzipped, beside what the README promises; exit code 1 when it is more.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const root = new URL("../", import.meta.url);
const LIMITS_KB = { worker: 130, page: 15 };

const gzipped = (files: string[]): number =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, root)), { level: 9 }).length, 0) / 1_000;

const page = readdirSync(new URL(".build/ui/", root), { recursive: true, encoding: "utf8" });
const sizes = {
  worker: gzipped([".build/worker/index.js"]),
  page: gzipped(page.filter((file) => file.endsWith(".js")).map((file) => `.build/ui/${file}`)),
};

for (const [name, limit] of Object.entries(LIMITS_KB)) {
  const size = sizes[name as keyof typeof sizes];
  console.log(`${name.padEnd(8)} ${size.toFixed(1).padStart(6)} kB gz of ${limit}`);
  if (size > limit) process.exitCode = 1;
}
