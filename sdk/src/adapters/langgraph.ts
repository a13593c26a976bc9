// A compiled graph is a Runnable, and all that LangGraph needs besides is in its config, which is LangChain's.
export {
  currentDecision,
  type Invocable as Graph,
  type LangChainOptions as LangGraphOptions,
  withTracingToggle,
} from "./runnable.ts";
