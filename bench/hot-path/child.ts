// child.ts <subject>: nanoseconds a call, the median over so many milliseconds as the parent says.
import { serve } from "../interleaved.ts";
import { median } from "../measure.ts";
import { prepare, sampler } from "./batch.ts";

const WARM_UP_MS = 300;
const RESUME_MS = 4; // caches are cold, and the snapshot is stale, when others had their turn

const sample = sampler(await prepare(process.argv[2] ?? ""));
await sample(WARM_UP_MS);
serve(async (milliseconds) => {
  await sample(RESUME_MS);
  return median(await sample(milliseconds));
});
