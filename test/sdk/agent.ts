// An agent's process for process.test.ts: does what its first argument says, with a client from the environment.

import { once } from "node:events";
import { createTracingToggle, type TracingToggleOptions } from "../../sdk/src/index.ts";
import { live } from "../../sdk/src/live.ts";
import { usage } from "../../sdk/src/usage.ts";

const [scenario, options = "{}"] = process.argv.slice(2);
const tracing = createTracingToggle({
  logger: null,
  ...(JSON.parse(options) as TracingToggleOptions),
  ...(scenario === "live" && { live: live() }),
  ...(scenario === "usage" && { usage: usage() }),
});
const tell = (message: unknown) => process.send?.(message);

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

switch (scenario) {
  // Decides, and has nothing more to do.
  case "decide":
    console.log((await tracing.decide()).reason);
    break;

  // Peeks once, which starts a refresh, and has nothing more to do.
  case "peek":
    console.log(tracing.peek().reason);
    break;

  // Listens for changes until it is told to stop.
  case "live":
    tell((await tracing.decide()).reason);
    await once(process, "message");
    process.disconnect();
    setTimeout(() => {
      console.log("still here");
      tracing.close();
    }, 300).unref(); // only the stream keeps the process alive until then
    break;

  // Decides, with a report of that under way when it has nothing more to do.
  case "usage":
    console.log((await tracing.decide()).reason);
    break;

  // Knows "on"; once its next refresh is under way, blocks its loop until long after the snapshot's end.
  case "blocked": {
    while ((await tracing.decide()).version === null); // a loaded machine may be late at first
    tell("known");
    await once(process, "message"); // the snapshot is old
    const waiting = tracing.decide();
    const background = tracing.peek().trace;
    await once(process, "message"); // the refresh was seen
    tell("blocking"); // only now it is answered
    block(1_200);
    const first = tracing.peek().trace;
    const second = tracing.decide();
    tell({ background, first, waited: (await waiting).trace, second: (await second).trace });
    process.disconnect();
    break;
  }

  // Asks all the time, and tells of every decision that traces, and the latest instant of which it is known that the
  // decision was not yet made: what was decided before the process stopped may be told after it.
  case "busy": {
    let traced: unknown[] = [];
    const timer = setInterval(async () => {
      if (traced.length > 0) tell(traced);
      traced = [];
      const at = Date.now();
      if (tracing.peek().trace) traced.push({ kind: "peek", at });
      const asked = Date.now();
      const { trace, source } = await tracing.decide();
      if (trace) traced.push({ kind: "decide", source, at: source === "snapshot" ? asked : Date.now() });
    }, 5);
    await once(process, "disconnect");
    clearInterval(timer);
    break;
  }
}
