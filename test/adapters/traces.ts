import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { Client, RunTree } from "langsmith";
import { vi } from "vitest";
import { createTracingToggle } from "../../sdk/src/index.ts";
import { type PostedRun, startLangSmith, startRedis } from "./servers.ts";

/** A project whose policy is `redis`' and whose traces go to `langSmith`, in the environment as well. */
export async function startTraces() {
  const [langSmith, redis] = await Promise.all([startLangSmith(), startRedis()]);
  // for a whole file: LangChain makes its default client once
  vi.stubEnv("LANGSMITH_ENDPOINT", langSmith.url);
  vi.stubEnv("LANGSMITH_API_KEY", "key");
  const client = new Client();
  const tracing = createTracingToggle({
    projectId: "project",
    redis: { url: redis.url, token: "token" },
    api: null,
    maxAgeMs: 0, // every decision is asked for
    timeoutMs: 5_000,
    logger: null,
  });

  /** Waits until every client has sent what it holds. */
  async function sent() {
    const clients = [client, RunTree.getSharedClient(), new LangChainTracer().client as Client];
    await new Promise((resolve) => setTimeout(resolve, 5)); // `traceable` ends its runs after it has answered
    await Promise.all(clients.map((each) => each.flush()));
    await awaitAllCallbacks();
    await Promise.all(clients.map((each) => each.awaitPendingTraceBatches()));
  }

  /** The runs that LangSmith receives of `work`, in the order of their names. */
  async function runsOf(work: () => unknown): Promise<PostedRun[]> {
    await sent();
    langSmith.forget();
    await (async () => work())().catch(() => {});
    await sent();
    return langSmith.runs.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Puts all back to where it was before the first test. */
  async function reset() {
    await sent();
    langSmith.forget();
    redis.set({ enabled: true, capture: "full", overrides: {} });
    vi.stubEnv("LANGSMITH_TRACING", undefined);
  }

  async function close() {
    await tracing.close();
    await Promise.all([langSmith.close(), redis.close()]);
    vi.unstubAllEnvs();
  }

  return {
    langSmith,
    redis,
    client,
    tracing,
    tracer: () => new LangChainTracer({ client }),
    runsOf,
    namesOf: async (work: () => unknown) => (await runsOf(work)).map(({ name }) => name),
    decisions: () => tracing.stats().decisions,
    reset,
    close,
  };
}
