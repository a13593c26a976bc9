// npm run deploy [-- --env staging]: builds, migrates the database of DATABASE_URL, and deploys the Worker with the page.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const steps: [what: string, command: string, args: string[]][] = [
  ["Building", "node", ["scripts/build.ts"]],
  ["Migrating the database", "node", ["scripts/migrate.ts"]],
  ["Deploying", "wrangler", ["deploy", ...process.argv.slice(2)]],
];

for (const [what, command, args] of steps) {
  console.log(`${what} ...`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) {
    console.error(`${what} failed; nothing after it was done. The message above says why.`);
    process.exit(1);
  }
}
