// child.ts <subject> <url>: asks as often as the parent process says, and sends it the milliseconds of each.
import { subjects } from "./subjects.ts";

const [, , name = "", url = ""] = process.argv;
const ask = await subjects[name]?.(url);

process.on("message", async (count: number) => {
  const times: number[] = [];
  for (let i = -10; i < count; i++) {
    const begun = performance.now();
    const answer = await ask?.();
    if (answer !== true) throw new Error(`${name} answers ${answer}`);
    if (i >= 0) times.push(performance.now() - begun); // the first ones may have to connect anew
  }
  process.send?.(times);
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
