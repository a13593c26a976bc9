import type { BaseCallbackHandler, CallbackHandlerMethods } from "@langchain/core/callbacks/base";
import { ensureHandler } from "@langchain/core/callbacks/manager";
import type { RunnableConfig } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import type { Request, TracingToggle } from "../client.ts";
import type { Decision } from "../project.ts";
import { silenced, withHandlers, withoutTracers } from "./silence.ts";

/** Settings of {@link withTracingToggle}. All may be left out. */
export interface LangGraphOptions {
  /**
   * The tracer's callback handlers: passed to a run that is traced, kept from one that is not. Default: none, which leaves
   * LangSmith's tracer, by `LANGSMITH_TRACING=true` or in the caller's callbacks.
   */
  callbacks?: readonly (BaseCallbackHandler | CallbackHandlerMethods)[] | undefined;
  /**
   * Whose run it is. Default: the user is `configurable.user_id` or `configurable.userId`, the session
   * `configurable.thread_id`. When it throws, the run is not traced.
   */
  request?: ((input: unknown, config: RunnableConfig) => Request) | undefined;
  /** Called with the decision, once per root run, before the run starts. What it throws is ignored. */
  onDecision?: ((decision: Decision, config: RunnableConfig) => void) | undefined;
}

/** What {@link withTracingToggle} wraps: a compiled graph. */
export interface Graph {
  invoke(input: never, config?: never): Promise<unknown>;
  stream(input: never, config?: never): Promise<unknown>;
}

/** The parts of a compiled graph that runs go through. */
interface Runs {
  config?: RunnableConfig;
  invoke(input: unknown, config?: RunnableConfig): Promise<unknown>;
  stream(input: unknown, config?: RunnableConfig): Promise<unknown>;
  streamEvents(input: unknown, config: RunnableConfig & { version: string }, options?: unknown): unknown;
  _streamIterator(input: unknown, config?: RunnableConfig): AsyncGenerator<unknown>;
  withConfig(config: RunnableConfig): Graph;
}

// Under a symbol in `configurable`: LangGraph copies it down to every node and subgraph, but neither to checkpoints nor to
// a trace's metadata. Registered, so that two copies of this package agree.
const DECISION = Symbol.for("tracing-toggle.decision");

const FAILED: Decision = Object.freeze({
  trace: false,
  reason: "unavailable",
  capture: "full",
  sampleRate: 1,
  version: null,
  source: "fallback",
  fetchedAt: null,
});

const ambientConfig = (): RunnableConfig | undefined => AsyncLocalStorageProviderSingleton.getRunnableConfig();

const decisionIn = (config: RunnableConfig | undefined): Decision | undefined =>
  (config?.configurable as Record<symbol, Decision> | undefined)?.[DECISION];

/**
 * The decision that the current run was started with, for use in nodes and tools.
 *
 * @param config the node's config; may be left out where `AsyncLocalStorage` exists
 * @returns undefined outside of a graph wrapped by {@link withTracingToggle}
 */
export const currentDecision = (config?: RunnableConfig): Decision | undefined =>
  decisionIn(config) ?? decisionIn(ambientConfig());

function requestOf(_input: unknown, { configurable }: RunnableConfig): Request {
  return { userId: configurable?.user_id ?? configurable?.userId, sessionId: configurable?.thread_id };
}

/**
 * Wraps a compiled LangGraph graph so that each of its runs is traced, or not, as the project's policy says.
 *
 * It is decided once per root run: nested graphs, wrapped or not, nodes and tools inherit the decision, and a change of the
 * policy meanwhile does not touch the run. When it is off, LangSmith's tracer is silent everywhere below, whether it comes
 * from `LANGSMITH_TRACING=true`, from the caller's callbacks or from a `traceable` function around the run; all other
 * callbacks are called as ever. Nothing else changes: the wrapped graph has the type, the results, the errors and the
 * streams of the graph, and can be used in its place, as a node or in a pipe, too.
 *
 * @param graph a compiled graph; it is not changed
 * @param tracing the client that decides
 * @example
 * ```ts
 * import { createTracingToggle } from "tracing-toggle";
 * import { withTracingToggle } from "tracing-toggle/langgraph";
 *
 * const tracing = createTracingToggle(); // settings from the environment
 * const agent = withTracingToggle(builder.compile(), tracing);
 * await agent.invoke({ question: "…" }, { configurable: { user_id: "user-1", thread_id: "thread-1" } });
 * ```
 */
export function withTracingToggle<G extends Graph>(
  graph: G,
  tracing: Pick<TracingToggle, "decide">,
  options: LangGraphOptions = {},
): G {
  const { request = requestOf, onDecision } = options;
  const own = (options.callbacks ?? []).map(ensureHandler);
  const traced = graph as unknown as Runs;
  let untraced: Runs | undefined;

  async function decide(input: unknown, config: RunnableConfig): Promise<Decision> {
    let decision = FAILED;
    try {
      decision = await tracing.decide(request(input, config));
    } catch {
      // whose run it is is not known: perhaps that of a user who must not be traced
    }
    try {
      onDecision?.(decision, config);
    } catch {
      // must not hurt the run
    }
    return decision;
  }

  async function start(input: unknown, given: RunnableConfig | undefined) {
    const ambient = ambientConfig();
    const configurable = given?.configurable ?? ambient?.configurable;
    const decision =
      currentDecision(given) ??
      (await decide(input, { ...given, configurable: { ...traced.config?.configurable, ...configurable } }));
    const config: RunnableConfig = { ...given, configurable: { ...configurable, [DECISION]: decision } };
    const callbacks = given?.callbacks ?? ambient?.callbacks;
    if (!decision.trace) config.callbacks = silenced(callbacks, own);
    else if (own.length > 0) config.callbacks = withHandlers(callbacks, own);
    if (!decision.trace) untraced ??= withoutBoundTracers(traced, own);
    return { runs: decision.trace ? traced : (untraced as Runs), config };
  }

  const gates: Partial<Runs> = {
    async invoke(input, given) {
      const { runs, config } = await start(input, given);
      return runs.invoke(input, config);
    },
    async stream(input, given) {
      const { runs, config } = await start(input, given);
      return runs.stream(input, config);
    },
    // where a pipe's stream and the other ways through Runnable's methods end
    async *_streamIterator(input, given) {
      const { runs, config } = await start(input, given);
      yield* runs._streamIterator(input, config);
    },
    streamEvents(input, given, eventOptions) {
      // v1 and v2 must answer at once, and call `stream`
      if (given?.version !== "v3") return traced.streamEvents.call(wrapped, input, given, eventOptions);
      return start(input, given).then(({ runs, config }) => runs.streamEvents(input, { ...config, version: "v3" }));
    },
    withConfig: (config) => withTracingToggle(traced.withConfig(config), tracing, options),
  };

  const wrapped = new Proxy(graph, {
    get: (target, property, receiver) =>
      Object.hasOwn(gates, property) && property in target
        ? gates[property as keyof Runs]
        : Reflect.get(target, property, receiver),
  });
  return wrapped;
}

/** The graph without the tracers that `withConfig` has bound to it; made as `withConfig` itself makes a graph. */
function withoutBoundTracers(graph: Runs, own: readonly BaseCallbackHandler[]): Runs {
  const bound = graph.config?.callbacks;
  if (!bound) return graph;
  const Same = graph.constructor as new (fields: object) => Runs;
  return new Same({ ...graph, config: { ...graph.config, callbacks: withoutTracers(bound, own) } });
}
