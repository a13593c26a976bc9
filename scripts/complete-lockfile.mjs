// Adds to package-lock.json the optional packages for other platforms that a registry mirror may lack.
// Without their entries `npm ci` rejects the lockfile ("Missing: ... from lock file"). An entry needs no integrity: on the
// platforms where the package is installed, npm resolves it anew. Run after a dependency changes: `npm run lockfile`.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const OS = /(?:^|[-/])(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|windows|aix)(?=-|$)/;
const CPU = /(?:^|-)(arm64|arm|x64|64|ia32|loong64|mips64el|ppc64|riscv64|s390x|wasm32)(?=-|$)/;
const added = [];

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const found = [`${path}/node_modules/${name}`, `node_modules/${name}`].some((key) => key in lock.packages);
    if (found || path === "" || !/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) continue;
    const os = OS.exec(name)?.[1];
    const cpu = CPU.exec(name)?.[1];
    const completed = { version, optional: true };
    if (entry.dev) completed.dev = true;
    if (os) completed.os = [os === "windows" ? "win32" : os];
    if (cpu) completed.cpu = [cpu === "64" ? "x64" : cpu];
    lock.packages[`node_modules/${name}`] = completed;
    added.push(`${name}@${version}`);
  }
}

const { "": root, ...rest } = lock.packages;
lock.packages = { "": root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, "en"))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length ? `added ${added.join(", ")}` : "nothing to add");
