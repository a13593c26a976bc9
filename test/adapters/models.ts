import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";

/** Anywhere in this text, nothing may be sent with `capture: "metadata"`. */
export const CANARY = "canary-4711";

export const USAGE = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };

/** A model that answers with the canary, calls a tool once if it has one, and counts tokens. */
export class Speaker extends BaseChatModel {
  _llmType(): string {
    return "speaker";
  }

  override invocationParams(options?: this["ParsedCallOptions"]): object {
    return { ...options, model: "speaker-1", temperature: 0.5, system: CANARY };
  }

  override bindTools(tools: unknown[]) {
    return this.withConfig({ tools } as never);
  }

  #answer(messages: BaseMessage[], options: this["ParsedCallOptions"]): AIMessage {
    const calls = "tools" in options && messages.at(-1)?.type === "human";
    const tool_calls = calls ? [{ name: "look_up", args: { word: CANARY }, id: "call-1" }] : [];
    const response_metadata = { model_name: "speaker-1" };
    return new AIMessage({ content: `answer ${CANARY}`, tool_calls, usage_metadata: USAGE, response_metadata });
  }

  async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const message = this.#answer(messages, options);
    return {
      generations: [{ text: message.text, message }],
      llmOutput: { tokenUsage: { totalTokens: 7 }, note: CANARY },
    };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    run?: CallbackManagerForLLMRun,
  ) {
    const { content, tool_calls = [], usage_metadata } = this.#answer(messages, options);
    for (const part of [`${content}`, "!"]) {
      const message = new AIMessageChunk({ content: part, ...(part === "!" && { tool_calls, usage_metadata }) });
      yield new ChatGenerationChunk({ text: part, message });
      await run?.handleLLMNewToken(part);
    }
  }
}
