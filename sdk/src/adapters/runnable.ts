import type { BaseCallbackHandler, CallbackHandlerMethods } from "@langchain/core/callbacks/base";
import { type Callbacks, ensureHandler } from "@langchain/core/callbacks/manager";
import type { RunnableConfig } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { IterableReadableStream } from "@langchain/core/utils/stream";
import type { Request, TracingToggle } from "../client.ts";
import type { Decision } from "../project.ts";
import { guarded, withHandlers } from "./callbacks.ts";
import { DECISION, decideFor } from "./deciding.ts";
import { currentContext, decisionOf } from "./runs.ts";

/** Settings of {@link withTracingToggle}. All may be left out. */
export interface LangChainOptions {
  /**
   * The tracer's callback handlers: passed to a run that is traced, kept from one that is not. Default: none, which leaves
   * LangSmith's tracer, by `LANGSMITH_TRACING=true` or in the caller's callbacks. With `capture: "metadata"` they are told of
   * the run without its inputs, its outputs and the text of its errors.
   */
  callbacks?: readonly (BaseCallbackHandler | CallbackHandlerMethods)[] | undefined;
  /**
   * Whose run it is. Default: the user is `configurable.user_id` or `configurable.userId`, the session
   * `configurable.thread_id`. When it throws, the run is not traced. The input is undefined where it comes in as a stream.
   */
  request?: ((input: unknown, config: RunnableConfig) => Request) | undefined;
  /** Called with the decision, once per root run, before the run starts. What it throws is ignored. */
  onDecision?: ((decision: Decision, config: RunnableConfig) => void) | undefined;
}

/** What {@link withTracingToggle} wraps: a chain, a model, a tool, a retriever, an agent, a compiled graph. */
export interface Invocable {
  invoke(input: never, config?: never): Promise<unknown>;
  stream(input: never, config?: never): Promise<unknown>;
}

type Config = RunnableConfig & { version?: string };

/** The parts of it that runs go through. */
interface Runs extends Invocable {
  config?: Config;
  invoke(input: unknown, config?: Config): Promise<unknown>;
  stream(input: unknown, config?: Config): Promise<unknown>;
  batch(inputs: unknown[], configs?: Config | Config[], options?: object): Promise<unknown[]>;
  transform(input: AsyncGenerator<unknown>, config?: Config): AsyncGenerator<unknown>;
  streamEvents(input: unknown, config?: Config, options?: unknown): unknown;
  _streamIterator(input: unknown, config?: Config): AsyncGenerator<unknown>;
  _getOptionsList(config: Config | Config[], length: number): Config[];
  /** Of tools. */
  call(input: unknown, config?: Config | Callbacks, tags?: string[]): Promise<unknown>;
  /** Of models. */
  generate(inputs: unknown[], config?: Config | string[], callbacks?: Callbacks): Promise<unknown>;
  generatePrompt(inputs: unknown[], config?: Config | string[], callbacks?: Callbacks): Promise<unknown>;
}

/** Methods that answer with a Runnable made of this one. */
const DERIVING = new Set<PropertyKey>([
  ...["withConfig", "withRetry", "withFallbacks", "withListeners", "pipe", "pick", "assign", "asTool"],
  ...["bind", "map", "bindTools", "withStructuredOutput"],
]);

const ambientConfig = (): RunnableConfig | undefined => AsyncLocalStorageProviderSingleton.getRunnableConfig();

const decisionIn = (config: RunnableConfig | undefined): Decision | undefined =>
  (config?.configurable as Record<symbol, Decision> | undefined)?.[DECISION];

/**
 * The decision that the current run was started with, for use in nodes, tools and functions.
 *
 * @param config the node's config; may be left out where `AsyncLocalStorage` exists
 * @returns undefined outside of what is wrapped by {@link withTracingToggle}
 */
export const currentDecision = (config?: RunnableConfig): Decision | undefined =>
  decisionIn(config) ?? decisionIn(ambientConfig()) ?? decisionOf(currentContext());

function requestOf(_input: unknown, { configurable }: RunnableConfig): Request {
  return { userId: configurable?.user_id ?? configurable?.userId, sessionId: configurable?.thread_id };
}

const configOf = (options: Config | Callbacks | undefined): Config | undefined =>
  Array.isArray(options) || (options && "handlers" in options) ? { callbacks: options as Callbacks } : options;

/**
 * Wraps a LangChain Runnable so that each of its runs is traced, or not, as the project's policy says.
 *
 * It is decided once per root run: what runs inside, wrapped or not, inherits the decision, and a change of the policy
 * meanwhile does not touch the run. What `pipe`, `bindTools`, `withRetry` and the like make of it is wrapped as well; a
 * Runnable put around it is not, so wrap the outermost.
 *
 * - Off: LangSmith's tracer is silent everywhere below, whether it comes from `LANGSMITH_TRACING=true`, from the caller's or a
 *   model's own callbacks or from a `traceable` function around the run. All other callbacks are called as ever.
 * - On with `capture: "metadata"`: inputs, outputs, the text of errors and the settings of models and prompts are not sent;
 *   names, times, tags, metadata and counts of tokens are.
 *
 * Nothing else changes: the wrapped Runnable has the type, the results, the errors and the streams of the given one.
 *
 * @param runnable a Runnable, or an agent of `createAgent`; it is not changed
 * @param tracing the client that decides
 * @example
 * ```ts
 * import { createTracingToggle } from "tracing-toggle";
 * import { withTracingToggle } from "tracing-toggle/langchain";
 *
 * const tracing = createTracingToggle(); // settings from the environment
 * const chain = withTracingToggle(prompt.pipe(model), tracing);
 * await chain.invoke({ question: "…" }, { configurable: { user_id: "user-1", thread_id: "thread-1" } });
 * ```
 */
export function withTracingToggle<R extends Invocable>(
  runnable: R,
  tracing: Pick<TracingToggle, "decide">,
  options: LangChainOptions = {},
): R {
  return wrap(runnable, tracing, options, undefined);
}

/** @param bound the `configurable` that was bound to what the Runnable is made of */
function wrap<R extends Invocable>(
  runnable: R,
  tracing: Pick<TracingToggle, "decide">,
  options: LangChainOptions,
  bound: RunnableConfig["configurable"],
): R {
  const { request = requestOf, onDecision } = options;
  const own = (options.callbacks ?? []).map(ensureHandler);
  const given = runnable as unknown as Runs;
  const boundConfigurable = { ...bound, ...given.config?.configurable };
  let unbound: Runs | undefined;

  async function start(input: unknown, config: Config | undefined): Promise<{ runs: Runs; config: Config }> {
    const ambient = ambientConfig();
    const configurable = config?.configurable ?? ambient?.configurable;
    const whose = { ...config, configurable: { ...boundConfigurable, ...configurable } };
    const decision =
      currentDecision(config) ??
      (await decideFor(
        tracing,
        () => request(input, whose),
        (decision) => onDecision?.(decision, whose),
      ));
    const started: Config = { ...config, configurable: { ...configurable, [DECISION]: decision } };
    const callbacks = config?.callbacks ?? ambient?.callbacks;
    if (decision.trace && decision.capture === "full") {
      if (own.length > 0) started.callbacks = withHandlers(callbacks, own);
      return { runs: given, config: started };
    }
    started.callbacks = guarded(decision, own, callbacks, given.config?.callbacks);
    unbound ??= withoutBoundCallbacks(given);
    return { runs: unbound, config: started };
  }

  const gates: Partial<Runs> = {
    async invoke(input, config) {
      const run = await start(input, config);
      return run.runs.invoke(input, run.config);
    },
    async stream(input, config) {
      const run = await start(input, config);
      return run.runs.stream(input, run.config);
    },
    async batch(inputs, config, batchOptions) {
      const configs = given._getOptionsList(config ?? {}, inputs.length);
      const started = await Promise.all(inputs.map((input, i) => start(input, configs[i])));
      const results: unknown[] = [];
      const batches = [...new Set(started.map(({ runs }) => runs))].map(async (runs) => {
        const indices = [...started.keys()].filter((i) => started[i]?.runs === runs);
        const part = await runs.batch(
          indices.map((i) => inputs[i]),
          indices.map((i) => started[i]?.config as Config),
          batchOptions,
        );
        for (const [k, i] of indices.entries()) results[i] = part[k];
      });
      await Promise.all(batches);
      return results;
    },
    async *transform(input, config) {
      const run = await start(undefined, config);
      yield* run.runs.transform(input, run.config);
    },
    // where a pipe's stream and the other ways through Runnable's methods end
    async *_streamIterator(input, config) {
      const run = await start(input, config);
      yield* run.runs._streamIterator(input, run.config);
    },
    streamEvents(input, config, eventOptions) {
      const isOlder = config?.version === "v1" || config?.version === "v2";
      // a chat model's own events: they have no run
      if (!isOlder && "_streamChatModelEvents" in given) return given.streamEvents(input, config, eventOptions);
      const started = start(input, config);
      if (config?.version === "v3") {
        return started.then((run) => run.runs.streamEvents(input, run.config, eventOptions));
      }
      // the older versions answer at once
      async function* events() {
        const run = await started;
        yield* run.runs.streamEvents(input, run.config, eventOptions) as AsyncIterable<unknown>;
      }
      return IterableReadableStream.fromAsyncGenerator(events());
    },
    async call(input, config, tags) {
      const run = await start(input, configOf(config));
      return run.runs.call(input, run.config, tags);
    },
    generate: (inputs, config, callbacks) => generated("generate", inputs, config, callbacks),
    generatePrompt: (inputs, config, callbacks) => generated("generatePrompt", inputs, config, callbacks),
  };

  async function generated(
    method: "generate" | "generatePrompt",
    inputs: unknown[],
    settings: Config | string[] | undefined,
    callbacks: Callbacks | undefined,
  ) {
    const config = (Array.isArray(settings) ? { stop: settings } : settings) as Config | undefined;
    const run = await start(inputs, callbacks && !config?.callbacks ? { ...config, callbacks } : config);
    return run.runs[method](inputs, run.config, run.config.callbacks);
  }

  return new Proxy(runnable, {
    get(target, property, receiver) {
      if (Object.hasOwn(gates, property) && property in target) return gates[property as keyof Runs];
      // a class with private fields, such as `createAgent`'s, accepts no stand-in
      const self = "lc_runnable" in target ? receiver : target;
      const value = Reflect.get(target, property, self);
      if (typeof value !== "function") return value;
      if (DERIVING.has(property)) {
        return (...args: unknown[]) => wrap(value.apply(target, args), tracing, options, boundConfigurable);
      }
      return self === target ? value.bind(target) : value;
    },
  });
}

/** The same without the callbacks that `withConfig` has bound to it; made as `withConfig` itself makes one. */
function withoutBoundCallbacks(runs: Runs): Runs {
  if (!runs.config?.callbacks) return runs;
  const Same = runs.constructor as new (fields: object) => Runs;
  return new Same({ ...runs, config: { ...runs.config, callbacks: undefined } });
}
