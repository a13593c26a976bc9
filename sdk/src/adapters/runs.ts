// LangSmith's runs, without LangChain: what keeps them, or their content, from being sent.
import { Client, RunTree } from "langsmith";
import { AsyncLocalStorageProviderSingleton } from "langsmith/singletons/traceable";
import type { Decision } from "../project.ts";
import { DECISION } from "./deciding.ts";

/** The part of a LangSmith client that runs are sent through. */
type Sender = Pick<Client, "createRun" | "updateRun">;

/** What takes the place of a client. Must return a client that it has returned as it is. */
export type Route = <Sends extends Sender>(client: Sends) => Sends;

class SilentClient extends Client {
  override async createRun(): Promise<void> {}
  override async updateRun(): Promise<void> {}
}

let silentClient: SilentClient | undefined;

/** Nothing is sent. */
export const silent: Route = <Sends extends Sender>(_: Sends): Sends => {
  silentClient ??= new SilentClient({ tracingMode: "langsmith" });
  return silentClient as Sender as Sends;
};

const contentless = new WeakMap<object, Sender>();

/** All is sent but the content of the runs: see {@link scrub}. */
export const withoutContent: Route = <Sends extends Sender>(client: Sends): Sends => {
  const known = contentless.get(client);
  if (known) return known as Sends;
  const sends = {
    createRun: (run: Run, ...rest: unknown[]) => client.createRun(scrub(run) as never, ...(rest as [])),
    updateRun: (id: string, run: Run, ...rest: unknown[]) => client.updateRun(id, scrub(run), ...(rest as [])),
  };
  const scrubbing = new Proxy(client, {
    get(target, property) {
      if (Object.hasOwn(sends, property)) return sends[property as keyof typeof sends];
      const value = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  contentless.set(client, scrubbing).set(scrubbing, scrubbing);
  return scrubbing;
};

interface Run {
  [field: string]: unknown;
}

const KEPT = [
  ...["id", "name", "run_type", "start_time", "end_time", "parent_run_id", "trace_id", "dotted_order", "tags"],
  ...["session_id", "session_name", "project_name", "address", "reference_example_id", "revision_id"],
];

/** Stands for the text of errors, which often quotes what went wrong. */
export const UNRECORDED = "not recorded (capture: metadata)";

/**
 * The run without its content: inputs, outputs, the text of errors, what events carry, attachments, the settings of the
 * component that runs (a prompt's template is one) and of the model. Its place in the trace, name, times, tags, metadata and
 * counts of tokens are kept.
 */
function scrub(run: Run): Run {
  const kept: Run = {};
  for (const field of KEPT) if (run[field] !== undefined) kept[field] = run[field];
  if (run.inputs !== undefined) kept.inputs = {};
  if (run.outputs !== undefined) kept.outputs = usageOf(run.outputs);
  if (run.error !== undefined) kept.error = run.error && UNRECORDED;
  if (run.events !== undefined) kept.events = (run.events as Run[]).map(({ name, time }) => ({ name, time }));
  if (run.serialized !== undefined) kept.serialized = classOf(run.serialized);
  if (run.extra !== undefined) kept.extra = extraOf((run.extra ?? {}) as Run);
  return kept;
}

// LangChain copies the parameters that a model is called with, such as its instructions, to the metadata of its run.
function extraOf({ metadata, runtime, invocation_params }: Run): Run {
  const parameters = (invocation_params ?? {}) as Run;
  const kept = { ...(metadata as Run) };
  for (const name of Object.keys(kept)) {
    if (Object.hasOwn(parameters, name)) kept[name] = parameterOf(name, kept[name]);
  }
  return { metadata: kept, runtime };
}

const MODEL = new Set(["model", "model_name", "modelName"]);

/** Of a model's parameter what is no content: numbers, booleans, and which model it is. */
const parameterOf = (name: string, value: unknown): unknown =>
  typeof value === "number" || typeof value === "boolean" || MODEL.has(name) ? value : undefined;

/** Of a model's parameters those that are no content. */
export function parametersOf(parameters: unknown): Run {
  const entries = Object.entries(parameters ?? {}).map(([name, value]) => [name, parameterOf(name, value)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Of a serialized component, what it is. */
export function classOf(serialized: unknown): object {
  const { lc, type, id } = (serialized ?? {}) as Run;
  return { lc, type, id };
}

/** The numbers in it, under their names. */
export function numbers(value: unknown): Run | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const found: Run = {};
  for (const [name, field] of Object.entries(value)) {
    const number = typeof field === "number" ? field : numbers(field);
    if (number !== undefined) found[name] = number;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

function usageOf(outputs: unknown): Run {
  const { usage_metadata, usage, llmOutput } = (outputs ?? {}) as Run;
  const { tokenUsage, estimatedTokenUsage } = (llmOutput ?? {}) as Run;
  return numbers({ usage_metadata, usage, llmOutput: { tokenUsage, estimatedTokenUsage } }) ?? {};
}

/** Sends a run tree, and all that comes of it, by the route. It is changed. */
export function reroute(tree: RunTree, route: Route): RunTree {
  tree.client = route(tree.client);
  tree.replicas = reroutedReplicas(tree.replicas, route);
  // enumerable, since LangChain copies run trees field by field
  tree.createChild = function (this: RunTree, config) {
    return reroute(RunTree.prototype.createChild.call(this, config), route);
  };
  // another service must not hang its runs below one that was never sent
  if (route === silent) tree.toHeaders = () => ({}) as ReturnType<RunTree["toHeaders"]>;
  return tree;
}

/** The replicas, of which each may have a client of its own. */
export const reroutedReplicas = (replicas: RunTree["replicas"], route: Route): RunTree["replicas"] =>
  replicas?.map((replica) => (replica.client ? { ...replica, client: route(replica.client) } : replica));

/** A run tree that sends nothing, and below which nothing is sent. */
export function silentTree(id?: string): RunTree {
  const client = silent({} as Client);
  // Tracing is enabled in it: otherwise a `traceable` function with `tracingEnabled: true` would begin a trace of its own.
  const tree = new RunTree({ id, name: "silent", project_name: "silent", client, replicas: [], tracingEnabled: true });
  return reroute(tree, silent);
}

/** What `traceable` functions and LangChain leave in the asynchronous context. */
export type Context = ReturnType<ReturnType<typeof AsyncLocalStorageProviderSingleton.getInstance>["getStore"]>;

const VARIABLES = Symbol.for("lc:context_variables");
const CONFIG = Symbol.for("lc:child_config");
const CHILDREN_END = Symbol.for("lc:child_run_end_promises");

/** What of it matters here; all that both libraries hand down. */
interface Left {
  [VARIABLES]?: { [DECISION]?: Decision };
  [CHILDREN_END]?: Promise<unknown>[];
  extra?: { [CONFIG]?: { callbacks?: unknown; configurable?: { [DECISION]?: Decision } } };
}

/** The asynchronous context; undefined where there is none, or no `AsyncLocalStorage`. */
export const currentContext = (): Context => AsyncLocalStorageProviderSingleton.getInstance().getStore();

/** The decision that what runs in the context was started with. */
export function decisionOf(context: Context): Decision | undefined {
  const { [VARIABLES]: variables, extra } = (context ?? {}) as Left;
  return variables?.[DECISION] ?? extra?.[CONFIG]?.configurable?.[DECISION];
}

/** Leaves the decision in the context. */
export function mark<C extends object>(context: C, decision: Decision): C {
  const left = context as Left;
  left[VARIABLES] = { ...left[VARIABLES], [DECISION]: decision };
  return context;
}

// several copies of LangSmith may be installed
export const isRunTree = (value: unknown): value is RunTree =>
  typeof value === "object" && value !== null && "createChild" in value && "postRun" in value;

/** A context that can be changed, with the same run in it. */
export function copyOf<C extends Context>(context: C): NonNullable<C> {
  if (!isRunTree(context)) return { ...context } as NonNullable<C>;
  // the run waits for the runs below before it is sent
  (context as Left)[CHILDREN_END] ??= [];
  return new RunTree(context) as C & RunTree;
}

const isTracer = (handler: unknown): boolean =>
  typeof handler === "object" && handler !== null && "name" in handler && handler.name === "langchain_tracer";

/** Whether LangSmith's tracer is among the callbacks: an array, or a manager's. */
export function hasTracer(callbacks: unknown): boolean {
  const handlers = (callbacks as { handlers?: unknown } | undefined)?.handlers ?? callbacks;
  return Array.isArray(handlers) && handlers.some(isTracer);
}

/** LangChain's config in the context, without LangSmith's tracer: that would take over the client of the runs below. */
export function untracedConfigOf(context: Context): NonNullable<Left["extra"]> {
  const config = (context as Left | undefined)?.extra?.[CONFIG];
  if (!config || !hasTracer(config.callbacks)) return config ? { [CONFIG]: config } : {};
  return { [CONFIG]: { ...config, callbacks: withoutTracer(config.callbacks) } };
}

interface Manager {
  handlers: unknown[];
  inheritableHandlers: unknown[];
  copy(): Manager;
}

function withoutTracer(callbacks: unknown): unknown {
  const others = (handlers: unknown[]) => handlers.filter((handler) => !isTracer(handler));
  if (Array.isArray(callbacks)) return others(callbacks);
  const manager = (callbacks as Manager).copy();
  manager.handlers = others(manager.handlers);
  manager.inheritableHandlers = others(manager.inheritableHandlers);
  return manager;
}

interface Storage {
  run<T>(context: Context, work: () => T): T;
}

/** Calls the function in the context. */
export const within = <T>(context: Context, work: () => T): T =>
  (AsyncLocalStorageProviderSingleton.getInstance() as Storage).run(context, work);
