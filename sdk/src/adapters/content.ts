/**
 * Attributes that hold what went into a model, a tool or an agent, or came out of it, by the conventions of OpenTelemetry
 * (`gen_ai.*`), OpenInference, OpenLLMetry, the AI SDK and Langfuse.
 */
const KNOWN = [
  /^gen_ai\.(prompt|completion)(\.\d|$)/,
  /^gen_ai\.(input|output)\.messages/,
  /^gen_ai\.(system_instructions|tool\.definitions|tool\.call\.(arguments|result)|retrieval\.|evaluation\.explanation)/,
  /^(input|output)\.value$/,
  /^llm\.(prompts|completions|choices|input_messages|output_messages|prompt_template\.(template|variables)|tools|function_call)/,
  /^(retrieval\.documents|reranker\.(query|input_documents|output_documents)|embedding\.(embeddings|text|vector)|document\.|message\.)/,
  /^tool(_call)?\.(parameters|function\.arguments)/,
  /^ai\.(prompt|values?$|embeddings?$|documents|(response|result)\.(text|object|toolCalls|reasoning|files|content))/,
  /^traceloop\.(entity\.(input|output)|prompt\.template)/,
  /^langfuse\.(trace|observation)\.(input|output)/,
  /^(exception\.stacktrace|tool_calls|tool\.args)$/,
];

/** The last words of names that vendors give to content: there are more of them than can be listed. */
const WORDS =
  /(^|[._])(inputs?|outputs?|prompts?|completions?|messages?|contents?|text|arguments|args|results?|documents?|expected_output|(in|out)put_json)$/;
const CAMEL = /[a-z](Inputs?|Outputs?|Prompts?|Completions?|Messages?|Content)$/;

/**
 * Whether an attribute's value is content by its name: a prompt, an answer, a tool's arguments or result, or the message of
 * an error, which often quotes one of them. Numbers, such as counts of tokens, and booleans never are.
 */
export const isContent = (name: string, value: unknown): boolean =>
  typeof value !== "number" &&
  typeof value !== "boolean" &&
  (WORDS.test(name) || CAMEL.test(name) || KNOWN.some((pattern) => pattern.test(name)));
