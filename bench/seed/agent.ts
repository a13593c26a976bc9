// agent.ts <run> <redis url>: runs the demo agent's graph, bare or behind the SDK's adapter, as often as the parent says.
import { graph } from "../../dev/agent/graph.ts";
import { SpanTracer } from "../../dev/agent/span-tracer.ts";
import { serve, timed } from "../interleaved.ts";
import { loadAdapter, loadSdk, PROJECT, policy, publish, TOKEN } from "../sdk.ts";

const [, , name = "", redisUrl = ""] = process.argv;
const { withTracingToggle } = await loadAdapter();
const tracer = new SpanTracer();

/** The graph behind a switch that is on or off. */
async function switched(enabled: boolean): Promise<typeof graph> {
  const { createTracingToggle } = await loadSdk();
  const projectId = `${PROJECT}-${enabled ? "on" : "off"}`;
  await publish(redisUrl, projectId, policy({ enabled }));
  const redis = { url: redisUrl, token: TOKEN };
  const tracing = createTracingToggle({ projectId, redis, api: null, logger: null });
  return withTracingToggle(graph, tracing, { callbacks: [tracer] });
}

const config = { configurable: { user_id: "user-1" } };
const runs: Record<string, () => Promise<(question: string) => Promise<object>>> = {
  "untraced, bare": async () => (question) => graph.invoke({ question }, config),
  "untraced, switch off": async () => {
    const agent = await switched(false);
    return (question) => agent.invoke({ question }, config);
  },
  "traced, bare": async () => (question) => graph.invoke({ question }, { ...config, callbacks: [tracer] }),
  "traced, switch on": async () => {
    const agent = await switched(true);
    return (question) => agent.invoke({ question }, config);
  },
};

const setUp = runs[name];
if (!setUp) throw new Error(`no run ${name}`);
const run = await setUp();
serve(
  timed(
    async () => {
      const { answer } = (await run("Do I need an umbrella?")) as { answer: string };
      return answer;
    },
    // nothing is traced, or each run is
    (answer) => answer === "Take an umbrella." && tracer.take() > 0 === name.startsWith("traced"),
  ),
);
