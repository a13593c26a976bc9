// first.ts <subject> <mode> <milliseconds>: how long the first check of a process takes, at most so long.
import { away, type Mode } from "./away.ts";
import { subjects } from "./subjects.ts";

const [, , name = "", mode, limit] = process.argv;
for (const level of ["info", "warn", "error"] as const) console[level] = () => {}; // peers complain
process.on("unhandledRejection", () => {});

const url = await away(mode as Mode);
const decide = await subjects[name]?.(url);
if (!decide) throw new Error(`no subject ${name}`);
const begun = performance.now();
let timer: NodeJS.Timeout | undefined;
const tooLong = new Promise<null>((resolve) => {
  timer = setTimeout(resolve, Number(limit), null);
});
const settled = decide().then(
  () => performance.now() - begun,
  () => performance.now() - begun,
);
const milliseconds = await Promise.race([settled, tooLong]);
clearTimeout(timer);
process.stdout.write(`${JSON.stringify(milliseconds)}\n`, () => process.exit(0));
