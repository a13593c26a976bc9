// What the snippets import as yours: for the compiler alone. It is not shown, and nothing runs it.
import type { Runnable } from "@langchain/core/runnables";
import type { StateGraph } from "@langchain/langgraph";
import type { LanguageModel } from "ai";

interface State {
  question: string;
}

interface Call extends State {
  userId: string;
  sessionId: string;
}

export declare const workflow: StateGraph<State>;
export declare const runnable: Runnable<State, string>;
export declare const model: LanguageModel;
export declare function run(call: Call): Promise<string>;
export declare function answer(request: Request, traced: boolean): Promise<object>;
/** As your own authentication says. */
export declare function userOf(request: Request): string | undefined;
