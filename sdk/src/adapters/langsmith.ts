import { RunTree, type RunTreeConfig } from "langsmith";
import { isTraceableFunction, ROOT } from "langsmith/singletons/traceable";
import type { Request, TracingToggle } from "../client.ts";
import type { Decision } from "../project.ts";
import { DECISION, decideFor } from "./deciding.ts";
import {
  type Context,
  copyOf,
  currentContext,
  decisionOf,
  hasTracer,
  isRunTree,
  mark,
  reroute,
  silentTree,
  untracedConfigOf,
  within,
  withoutContent,
} from "./runs.ts";

/** Settings of {@link withTracingToggle}. All may be left out. */
export interface LangSmithOptions<Args extends unknown[] = unknown[]> {
  /**
   * Whose call it is, by its arguments. Default: where the first is an object, the user is its `userId` or `user_id`, the
   * session its `sessionId`, `session_id` or `thread_id`. When it throws, the call is not traced.
   */
  request?: ((...args: Args) => Request) | undefined;
  /** Called with the decision, once per outermost call, before it starts. What it throws is ignored. */
  onDecision?: ((decision: Decision) => void) | undefined;
}

type AnyFunction = (...args: any[]) => unknown;

/** The arguments of a function; of a `traceable` one, which may be called in three ways, those that are its own. */
export type ArgumentsOf<F> = F extends {
  (...args: infer Args): unknown;
  (...args: infer _WithParent): unknown;
  (...args: infer _WithConfig): unknown;
}
  ? Args
  : never;

/** A function that {@link withTracingToggle} has wrapped: the same, but that it always answers with a promise. */
export type Gated<F extends AnyFunction> =
  ReturnType<F> extends Promise<unknown> ? F : (...args: ArgumentsOf<F>) => Promise<Awaited<ReturnType<F>>>;

function requestOf(...[first]: unknown[]): Request {
  const named = (typeof first === "object" && first !== null ? first : {}) as Record<string, string | undefined>;
  return {
    userId: named.userId ?? named.user_id,
    sessionId: named.sessionId ?? named.session_id ?? named.thread_id,
  };
}

/** The decision that the current call was started with; undefined outside of what {@link withTracingToggle} has wrapped. */
export const currentDecision = (): Decision | undefined => decisionOf(currentContext());

/**
 * Wraps a `traceable` function so that each call is traced, or not, as the project's policy says.
 *
 * It is decided once per outermost call: what it calls, wrapped or not, inherits the decision. So do LangChain and LangGraph
 * below it, when their tracer comes from the environment; for tracers of your own there is `tracing-toggle/langchain`.
 *
 * - Off: LangSmith hears of no `traceable` function below, whatever its settings, its own client and `LANGSMITH_TRACING`.
 * - On: as without this package. That is, with `LANGSMITH_TRACING=true`, or with `tracingEnabled: true` in the function's own
 *   settings.
 * - On with `capture: "metadata"`: inputs, outputs, the text of errors and attachments are not sent; names, times, tags,
 *   metadata and counts of tokens (`usage_metadata`) are.
 *
 * The wrapped function answers with a promise. What streams is awaited, then read: `for await (const part of await f())`. Needs
 * `AsyncLocalStorage`, as `traceable` does. A run that is begun with `ROOT` or a `RunTree` of your own below is not reached.
 *
 * @param fn a `traceable` function; it is not changed
 * @param tracing the client that decides
 * @throws TypeError when `fn` is another function: make it `traceable`
 * @example
 * ```ts
 * import { traceable } from "langsmith/traceable";
 * import { createTracingToggle } from "tracing-toggle";
 * import { withTracingToggle } from "tracing-toggle/langsmith";
 *
 * const tracing = createTracingToggle(); // settings from the environment
 * const answer = withTracingToggle(traceable(async ({ question }) => "…", { name: "answer" }), tracing);
 * await answer({ userId: "user-1", sessionId: "chat-1", question: "…" });
 * ```
 */
export function withTracingToggle<F extends AnyFunction>(
  fn: F,
  tracing: Pick<TracingToggle, "decide">,
  options: LangSmithOptions<ArgumentsOf<F>> = {},
): Gated<F> {
  if (!isTraceableFunction(fn)) throw new TypeError("tracing-toggle: fn must be a traceable function");
  const { request = requestOf, onDecision } = options;

  async function call(self: unknown, args: unknown[]): Promise<unknown> {
    const outer = currentContext();
    // what `traceable` takes for itself comes first: the run's parent
    const parent = isParent(args[0]) ? args[0] : undefined;
    const rest = (parent === undefined ? args : args.slice(1)) as ArgumentsOf<F>;
    const inherited = decisionOf(outer) ?? (isRunnableConfig(parent) ? parent.configurable?.[DECISION] : undefined);
    if (inherited && parent === undefined) return fn.apply(self, args);
    const decision = inherited ?? (await decideFor(tracing, () => request(...rest), onDecision));
    const { context, first } = enter(decision, outer, parent);
    return within(context, () => fn.apply(self, first === undefined ? rest : [first, ...rest]));
  }

  return new Proxy(fn, { apply: (_, self, args) => call(self, args) }) as unknown as Gated<F>;
}

/** LangChain's config, which it hands to a `traceable` function as the first argument. */
interface RunnableConfigLike {
  callbacks: unknown;
  configurable?: { [DECISION]?: Decision };
}
type Parent = typeof ROOT | RunTree | RunnableConfigLike;

const isRunnableConfig = (value: unknown): value is RunnableConfigLike =>
  typeof value === "object" && value !== null && "callbacks" in value && hasTracer(value.callbacks);

const isParent = (value: unknown): value is Parent => value === ROOT || isRunTree(value) || isRunnableConfig(value);

/**
 * What to call a function in, by the decision.
 *
 * @param outer the context that it is called in
 * @param parent the first argument, when it says what the run's parent is
 * @returns the context, and what is to take the first argument's place
 */
function enter(decision: Decision, outer: Context, parent: Parent | undefined): { context: Context; first?: unknown } {
  if (decision.trace && decision.capture === "full") return { context: mark(copyOf(outer), decision), first: parent };
  const tree = decision.trace ? contentlessTree(parent ?? outer) : silentTree();
  tree.extra = { ...tree.extra, ...untracedConfigOf(outer) };
  mark(tree, decision);
  return { context: tree, first: parent === ROOT || isRunTree(parent) ? tree : undefined };
}

/** The run tree for a run with the parent, of which no content is sent. */
function contentlessTree(parent: Parent | Context): RunTree {
  if (isRunTree(parent)) return reroute(copyOf(parent), withoutContent);
  const make = (config: RunTreeConfig) =>
    isRunnableConfig(parent) ? RunTree.fromRunnableConfig(parent as never, config) : rootOf(config, parent);
  return new NoRun(make) as unknown as RunTree;
}

function rootOf(config: RunTreeConfig, around: typeof ROOT | Context): RunTree {
  const { tracingEnabled } = (around === ROOT ? {} : (around ?? {})) as { tracingEnabled?: boolean };
  return new RunTree({ ...config, tracingEnabled: config.tracingEnabled ?? tracingEnabled });
}

/** Stands where the parent's run tree would, though there is no such run: `traceable` asks it for the root of a trace. */
class NoRun {
  readonly #make: (config: RunTreeConfig) => RunTree;
  extra = {};

  constructor(make: (config: RunTreeConfig) => RunTree) {
    this.#make = make;
  }

  createChild(config: RunTreeConfig): RunTree {
    const decision = decisionOf(this as unknown as Context);
    const tree = reroute(this.#make(config), withoutContent);
    return decision ? mark(tree, decision) : tree;
  }

  async postRun(): Promise<void> {}
}
