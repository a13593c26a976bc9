export { currentDecision, type Invocable, type LangChainOptions, withTracingToggle } from "./runnable.ts";
