// LangChain's callbacks: what keeps tracers, or content, out of a run and of all below it.
import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { CallbackManager, type Callbacks, ensureHandler } from "@langchain/core/callbacks/manager";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import type { RunTree } from "langsmith";
import type { Decision } from "../project.ts";
import { contentlessHandler } from "./contentless-handler.ts";
import { reroute, reroutedReplicas, silent, silentTree, withoutContent } from "./runs.ts";

type Handlers = readonly BaseCallbackHandler[];

/** What takes the place of a handler; undefined for nothing. Returns what it has returned as it is. */
type Guard = (handler: BaseCallbackHandler) => BaseCallbackHandler | undefined;

/**
 * Takes the place of LangSmith's tracer and records nothing.
 *
 * The place must be taken: with `LANGSMITH_TRACING=true` LangChain gives every run that has no tracer one of its own. A run
 * tree with `tracingEnabled: false` does not last, since LangGraph starts streams outside of it; and an ordinary tracer,
 * whatever its client, takes over the client of a `traceable` function that it finds itself in.
 */
class SilentTracer extends LangChainTracer {
  override ignoreLLM = true;
  override ignoreChain = true;
  override ignoreAgent = true;
  override ignoreRetriever = true;
  override ignoreCustomEvent = true;

  override updateFromRunTree(): void {}

  override copyWithTracingConfig(): LangChainTracer {
    return this;
  }

  // There must be one: LangChain hands a node's config to what the node calls in the current run tree.
  override getRunTreeWithTracingConfig(id: string): RunTree {
    return silentTree(id);
  }
}

let silentTracer: SilentTracer | undefined;

interface TracerFields {
  fields: ConstructorParameters<typeof LangChainTracer>[0];
  runMap: unknown;
  runTreeMap: unknown;
}

// `instanceof` is of no use: LangChain's tracers answer it for each other
const contentlessTracers = new WeakSet<object>();

/** LangSmith's tracer, whose runs are sent without their content. */
class ContentlessTracer extends LangChainTracer {
  static of(tracer: LangChainTracer): ContentlessTracer {
    const { client, projectName, exampleId, replicas, address, tracingMetadata, tracingTags } = tracer;
    const { fields, runMap, runTreeMap } = tracer as unknown as TracerFields;
    const same = { client, projectName, exampleId, replicas, address, metadata: tracingMetadata, tags: tracingTags };
    const contentless = new ContentlessTracer({ ...fields, ...same } as TracerFields["fields"]);
    return Object.assign(contentless, { runMap, runTreeMap });
  }

  constructor(fields: TracerFields["fields"]) {
    super(fields);
    contentlessTracers.add(this);
    hideContent(this);
  }

  override updateFromRunTree(tree: RunTree): void {
    super.updateFromRunTree(tree);
    hideContent(this);
  }

  override copyWithTracingConfig(config: Parameters<LangChainTracer["copyWithTracingConfig"]>[0]): LangChainTracer {
    return ContentlessTracer.of(super.copyWithTracingConfig(config));
  }

  override getRunTreeWithTracingConfig(id: string): RunTree | undefined {
    const tree = super.getRunTreeWithTracingConfig(id);
    return tree && reroute(tree, withoutContent);
  }
}

function hideContent(tracer: LangChainTracer): void {
  tracer.client = withoutContent(tracer.client as never);
  tracer.replicas = reroutedReplicas(tracer.replicas as RunTree["replicas"], withoutContent);
}

const isLangSmith = (handler: object): handler is LangChainTracer =>
  "name" in handler && handler.name === "langchain_tracer";

/** Without tracers: LangSmith's, and `own`, the handlers that the adapter was given to be used only when tracing. */
const keepOut =
  (own: Handlers): Guard =>
  (handler) =>
    handler !== silentTracer && (isLangSmith(handler) || own.includes(handler)) ? undefined : handler;

/** With tracers that get no content. */
function keepContentOut(own: Handlers): Guard {
  const guarded = new Map<BaseCallbackHandler, BaseCallbackHandler>();
  return (handler) => {
    let instead = guarded.get(handler) ?? handler;
    if (instead !== handler || handler === silentTracer || contentlessTracers.has(handler)) return instead;
    if (isLangSmith(handler)) instead = ContentlessTracer.of(handler);
    else if (own.includes(handler)) instead = contentlessHandler(handler);
    guarded.set(handler, instead);
    return instead;
  };
}

/**
 * A callback manager that no handler gets past, whether it is in the caller's callbacks, bound by `withConfig`, a model's own
 * or LangChain's by `LANGSMITH_TRACING=true`. The managers that come of it, and those of the runs below, are such ones too.
 */
class GuardedManager extends CallbackManager {
  readonly #guard: Guard;

  constructor(guard: Guard, like: CallbackManager) {
    super(like.getParentRunId(), {
      tags: [...like.tags],
      inheritableTags: [...like.inheritableTags],
      metadata: { ...like.metadata },
      inheritableMetadata: { ...like.inheritableMetadata },
    });
    this.#guard = guard;
    for (const handler of like.handlers) this.addHandler(handler, like.inheritableHandlers.includes(handler));
  }

  override addHandler(handler: BaseCallbackHandler, inherit?: boolean): void {
    const guarded = this.#guard(handler);
    if (guarded && !this.handlers.includes(guarded)) super.addHandler(guarded, inherit);
  }

  override removeHandler(handler: BaseCallbackHandler): void {
    super.removeHandler(this.#guard(handler) ?? handler);
  }

  override copy(additional?: BaseCallbackHandler[], inherit?: boolean): CallbackManager {
    return new GuardedManager(this.#guard, super.copy(additional, inherit));
  }

  override async handleChainStart(...run: Parameters<CallbackManager["handleChainStart"]>) {
    return this.#guardBelow(await super.handleChainStart(...run));
  }

  override async handleToolStart(...run: Parameters<CallbackManager["handleToolStart"]>) {
    return this.#guardBelow(await super.handleToolStart(...run));
  }

  override async handleRetrieverStart(...run: Parameters<CallbackManager["handleRetrieverStart"]>) {
    return this.#guardBelow(await super.handleRetrieverStart(...run));
  }

  #guardBelow<Run extends { getChild(tag?: string): CallbackManager }>(run: Run): Run {
    const getChild = run.getChild.bind(run);
    run.getChild = (tag) => new GuardedManager(this.#guard, getChild(tag));
    return run;
  }
}

function managerOf(...all: (Callbacks | undefined)[]): CallbackManager {
  const [first, ...rest] = all.filter((callbacks) => callbacks !== undefined);
  const manager = first && !Array.isArray(first) ? first.copy() : new CallbackManager();
  if (Array.isArray(first)) rest.unshift(first);
  for (const callbacks of rest) {
    if (Array.isArray(callbacks)) {
      for (const handler of callbacks) manager.addHandler(ensureHandler(handler));
      continue;
    }
    for (const handler of callbacks.handlers) {
      manager.addHandler(handler, callbacks.inheritableHandlers.includes(handler));
    }
    for (const tag of callbacks.tags) manager.addTags([tag], callbacks.inheritableTags.includes(tag));
    for (const [key, value] of Object.entries(callbacks.metadata)) {
      manager.addMetadata({ [key]: value }, key in callbacks.inheritableMetadata);
    }
  }
  return manager;
}

/** The callbacks, and the handlers that are not yet among them. */
export function withHandlers(callbacks: Callbacks | undefined, handlers: Handlers): Callbacks {
  if (!callbacks || Array.isArray(callbacks)) return [...new Set([...(callbacks ?? []), ...handlers])];
  const manager = callbacks.copy();
  for (const handler of handlers) if (!manager.handlers.includes(handler)) manager.addHandler(handler);
  return manager;
}

/**
 * The callbacks for a run that is to send nothing, or no content, by the decision.
 *
 * @param own handlers of tracers other than LangSmith's
 * @param callbacks the caller's, and those bound to what is run
 */
export function guarded(decision: Decision, own: Handlers, ...callbacks: (Callbacks | undefined)[]): Callbacks {
  if (decision.trace) return new GuardedManager(keepContentOut(own), managerOf(...callbacks, [...own]));
  silentTracer ??= new SilentTracer({ client: silent({} as never) });
  return new GuardedManager(keepOut(own), managerOf(...callbacks, [silentTracer]));
}
