// npm run check:package: publint and arethetypeswrong on the packed SDK; exit code 1 when one of them has something to say.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { installTools, packSdk, tools } from "./package.ts";

const CHECKS = {
  publint: ["publint/src/cli.js", "--strict"],
  arethetypeswrong: ["@arethetypeswrong/cli/dist/index.js", "--profile", "esm-only", "--format", "ascii"],
};

installTools();
const folder = mkdtempSync(path.join(tmpdir(), "tracing-toggle-package-"));
try {
  const archive = packSdk(folder);
  for (const [name, [script, ...options]] of Object.entries(CHECKS)) {
    const args = [`${tools}node_modules/${script}`, archive, ...options];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) process.exitCode = 1;
    console.log(status === 0 ? `${name.padEnd(17)} clean` : `${name} found:\n${stdout}${stderr}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
