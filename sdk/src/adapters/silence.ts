import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { Client, RunTree } from "langsmith";

/** The client that `traceable` functions below a silent run get from LangSmith's run tree. */
class SilentClient extends Client {
  override async createRun(): Promise<void> {}
  override async updateRun(): Promise<void> {}
}

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
    const client = this.client as SilentClient;
    return new RunTree({ id, name: "silent", project_name: "silent", client, replicas: [] });
  }
}

let silentTracer: SilentTracer | undefined;

type Handlers = readonly BaseCallbackHandler[];

/** Tracers are LangSmith's own, and `own`: the handlers that the adapter was given to be used only when tracing. */
const isTracer = (handler: object, own: Handlers): boolean =>
  ("name" in handler && handler.name === "langchain_tracer") || own.includes(handler as BaseCallbackHandler);

/** The callbacks without the tracers among them. */
export function withoutTracers(callbacks: Callbacks | undefined, own: Handlers): Callbacks | undefined {
  if (!callbacks || Array.isArray(callbacks)) return callbacks?.filter((handler) => !isTracer(handler, own));
  const manager = callbacks.copy();
  for (const handler of callbacks.handlers) if (isTracer(handler, own)) manager.removeHandler(handler);
  return manager;
}

/** The callbacks, and the handlers that are not yet among them. */
export function withHandlers(callbacks: Callbacks | undefined, handlers: Handlers): Callbacks {
  if (!callbacks || Array.isArray(callbacks)) return [...new Set([...(callbacks ?? []), ...handlers])];
  const manager = callbacks.copy();
  for (const handler of handlers) if (!manager.handlers.includes(handler)) manager.addHandler(handler);
  return manager;
}

/** The callbacks under which neither a run nor anything below it is traced: without the tracers, otherwise the same. */
export function silenced(callbacks: Callbacks | undefined, own: Handlers): Callbacks {
  silentTracer ??= new SilentTracer({ client: new SilentClient() });
  return withHandlers(withoutTracers(callbacks, own), [silentTracer]);
}
