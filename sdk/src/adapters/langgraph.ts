export {
  currentDecision,
  type Invocable as Graph,
  type LangChainOptions as LangGraphOptions,
  withTracingToggle,
} from "./runnable.ts";
