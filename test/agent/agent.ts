// A user's agent in a process of its own: a LangGraph graph that is traced by LangSmith, gated by the built package. Settings
// come from the environment, and options of the client from the first argument. Does what its parent's messages say.
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { RunTree } from "langsmith";
import { createTracingToggle, type Decision, type Request } from "tracing-toggle";
import { withTracingToggle } from "tracing-toggle/langgraph";
import { graph } from "../../dev/agent/graph.ts";

const POLL_MS = 10;

/** What the agent is told to do: answer a user's question, or decide all the time and tell of each change. */
export type Task = { run: Request } | { watch: Request };
/** What it tells of a run. */
export interface Ran {
  answer: string;
  decision: Decision;
  checkMs: number;
}
/** What it tells while it watches: a decision that differs from the last, and when it was made (epoch ms). */
export interface Saw {
  trace: boolean;
  version: number | null;
  at: number;
}

const tracing = createTracingToggle(JSON.parse(process.argv[2] ?? "{}"));
let projectId: string | undefined;
let check: Pick<Ran, "decision" | "checkMs">;
const agent = withTracingToggle(graph, {
  async decide(request) {
    const began = performance.now();
    const decision = await tracing.decide({ ...request, projectId });
    check = { decision, checkMs: performance.now() - began };
    return decision;
  },
});

async function run({ userId, ...request }: Request): Promise<Ran> {
  projectId = request.projectId;
  const { answer } = await agent.invoke({ question: "Umbrella?" }, { configurable: { user_id: userId } });
  await awaitAllCallbacks();
  await RunTree.getSharedClient().awaitPendingTraceBatches();
  return { answer, ...check };
}

async function watch(request: Request): Promise<void> {
  let last: boolean | undefined;
  const timer = setInterval(async () => {
    const { trace, version } = await tracing.decide(request);
    if (trace !== last) process.send?.({ trace, version, at: Date.now() } satisfies Saw);
    last = trace;
  }, POLL_MS);
  process.once("disconnect", () => clearInterval(timer));
}

process.on("message", async (task: Task) => {
  if ("run" in task) process.send?.(await run(task.run));
  else await watch(task.watch);
});
process.once("disconnect", () => tracing.close());
process.send?.("ready");
