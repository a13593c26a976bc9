import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import type { Generation, LLMResult } from "@langchain/core/outputs";
import { classOf, numbers, parametersOf, UNRECORDED } from "./runs.ts";

type Redaction = (...args: never[]) => unknown[];

const error = () => new Error(UNRECORDED);

const paramsOf = (extra: Record<string, unknown> | undefined) => ({
  invocation_params: parametersOf(extra?.invocation_params),
});

function blank(message: BaseMessage): BaseMessage {
  const { type } = message;
  if (type === "system") return new SystemMessage("");
  if (type === "tool") return new ToolMessage({ content: "", tool_call_id: "" });
  return type === "ai" ? new AIMessage("") : new HumanMessage("");
}

function blankGeneration({ message }: Generation & { message?: AIMessage }) {
  if (!message) return { text: "" };
  const response_metadata = { ...numbers(message.response_metadata), ...parametersOf(message.response_metadata) };
  const { usage_metadata } = message;
  return {
    text: "",
    message: new AIMessage({ content: "", response_metadata, ...(usage_metadata && { usage_metadata }) }),
  };
}

/** What becomes of the arguments of a handler's methods; a method that is not here is not called. */
const REDACTED: Record<string, Redaction> = {
  handleLLMStart: (llm: object, prompts: string[], id, parent, extra: Record<string, unknown>, ...rest) => [
    classOf(llm),
    prompts.map(() => ""),
    id,
    parent,
    paramsOf(extra),
    ...rest,
  ],
  handleChatModelStart: (
    llm: object,
    messages: BaseMessage[][],
    id,
    parent,
    extra: Record<string, unknown>,
    ...rest
  ) => [classOf(llm), messages.map((group) => group.map(blank)), id, parent, paramsOf(extra), ...rest],
  handleLLMNewToken: (_token: string, index, id, parent, tags) => ["", index, id, parent, tags],
  handleLLMEnd: ({ generations, llmOutput }: LLMResult, id, parent, tags) => [
    { generations: generations.map((group) => group.map(blankGeneration)), llmOutput: numbers(llmOutput) },
    id,
    parent,
    tags,
  ],
  handleLLMError: (_error, id, parent, tags) => [error(), id, parent, tags],
  handleChainStart: (chain: object, _inputs, id, parent, tags, metadata, type, name) => [
    classOf(chain),
    {},
    id,
    parent,
    tags,
    metadata,
    type,
    name,
  ],
  handleChainEnd: (_outputs, id, parent, tags) => [{}, id, parent, tags],
  handleChainError: (_error, id, parent, tags) => [error(), id, parent, tags],
  handleToolStart: (tool: object, _input, ...rest) => [classOf(tool), "", ...rest],
  handleToolEnd: (_output, ...rest) => ["", ...rest],
  handleToolError: (_error, ...rest) => [error(), ...rest],
  handleAgentAction: ({ tool }: { tool: string }, ...rest) => [{ tool, toolInput: "", log: "" }, ...rest],
  handleAgentEnd: (_finish, ...rest) => [{ returnValues: {}, log: "" }, ...rest],
  handleRetrieverStart: (retriever: object, _query, ...rest) => [classOf(retriever), "", ...rest],
  handleRetrieverEnd: (_documents, ...rest) => [[], ...rest],
  handleRetrieverError: (_error, ...rest) => [error(), ...rest],
  handleText: (_text, ...rest) => ["", ...rest],
  handleCustomEvent: (name: string, _data, ...rest) => [name, undefined, ...rest],
};

/** A tracer's handler, told of everything but the content. */
export function contentlessHandler(handler: BaseCallbackHandler): BaseCallbackHandler {
  return new Proxy(handler, {
    get(target, property) {
      const value = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      // LangChain calls these of a tracer too, and before
      const name = String(property).replace(/^_createRunFor(\w+Start)$/, "handle$1");
      const redact = REDACTED[name];
      if (redact) return (...args: never[]) => value.apply(target, redact(...args));
      return name.startsWith("handle") ? undefined : value.bind(target);
    },
  });
}
