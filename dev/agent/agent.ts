// An agent that answers one question a second, for five users in turn, prints whether it was traced, and reports it.
// Settings come from the environment: TRACING_TOGGLE_*, UPSTASH_*, and DEMO_INTERVAL_MS.
import { setTimeout as delay } from "node:timers/promises";
import { createTracingToggle, type Decision, type Request } from "tracing-toggle";
import { withTracingToggle } from "tracing-toggle/langgraph";
import { usage } from "tracing-toggle/usage";
import { graph } from "./graph.ts";
import { SpanTracer } from "./span-tracer.ts";

const USERS = ["user-1", "user-2", "user-3", "user-4", "user-5"];
const INTERVAL_MS = Number(process.env.DEMO_INTERVAL_MS) || 1_000;
/** What the trace of a run would cost with a tracer that is paid for: a tenth of a cent. */
const TRACE_COST_MICROS = 1_000;

const meter = usage();
const tracing = createTracingToggle({ usage: meter, logger: { warn: console.log } });
const tracer = new SpanTracer();
const check = { microseconds: 0, decision: undefined as Decision | undefined };

/** The client, and what its last check cost. */
const measured = {
  async decide(request?: Request): Promise<Decision> {
    const begun = performance.now();
    check.decision = await tracing.decide(request);
    check.microseconds = (performance.now() - begun) * 1_000;
    return check.decision;
  },
};

const agent = withTracingToggle(graph, measured, { callbacks: [tracer] });

const line = (...[time, user, outcome, reason, version, cost, spans]: string[]) =>
  `${time?.padEnd(8)}  ${user?.padEnd(6)}  ${outcome?.padEnd(7)}  ${reason?.padEnd(15)}  ${version?.padStart(13)}  ` +
  `${cost?.padStart(9)}  ${spans?.padStart(5)}`;

async function answer(user: string): Promise<void> {
  await agent.invoke({ question: "Do I need an umbrella?" }, { configurable: { user_id: user } });
  const { trace, reason, version } = check.decision as Decision;
  if (trace) meter.recordCost(TRACE_COST_MICROS);
  const time = new Date().toTimeString().slice(0, 8);
  const cost = `${check.microseconds.toFixed(0)} µs`;
  console.log(line(time, user, trace ? "traced" : "skipped", reason, `${version ?? "-"}`, cost, `${tracer.take()}`));
}

const stopped = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopped.abort());
process.on("disconnect", () => stopped.abort()); // the process that forked this one is gone

console.log(line("time", "user", "run", "reason", "version", "check", "spans"));
for (let run = 0; !stopped.signal.aborted; run++) {
  await answer(USERS[run % USERS.length] as string);
  await delay(INTERVAL_MS, undefined, { signal: stopped.signal }).catch(() => {});
}
await tracing.close();
if (process.connected) process.disconnect();
