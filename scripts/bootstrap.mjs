// Runs before `npm start` and `npm test`, under whatever Node the machine has: installs the dependencies when they are
// missing or older than the lockfile, and makes sure that the Node which npm scripts use from here on is new enough.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, statSync, utimesSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = [22, 18];
const root = fileURLToPath(new URL("..", import.meta.url));
const modifiedAt = (path) => (existsSync(root + path) ? statSync(root + path).mtimeMs : 0);

if (modifiedAt("node_modules/.package-lock.json") < modifiedAt("package-lock.json")) {
  console.log("Installing dependencies (once; about half a minute) ...");
  const { status } = spawnSync("npm", ["install", "--no-save"], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) {
    console.error("Installing the dependencies failed; the message above says why. Mend it and run the command again.");
    process.exit(1);
  }
  const now = new Date();
  utimesSync(`${root}node_modules/.package-lock.json`, now, now); // an install that had nothing to do leaves it old
}

const bundled = `${root}node_modules/.bin/node`;
const node = existsSync(bundled) ? bundled : process.execPath;
const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
const [major, minor] = version.slice(1).split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(
    `Node ${OLDEST_NODE.join(".")} or newer is needed here, and this is ${version}: npm has no Node package for ` +
      `${process.platform}-${process.arch}, so your own is used. Install a newer one and run the command again.`,
  );
  process.exit(1);
}
if (node !== bundled) console.log(`Using your own Node ${version}.`);
