import type { TelemetryOptions } from "ai";
import type { Decision } from "../project.ts";

// invariant in its type parameters: of any context and any tools
type Telemetry = TelemetryOptions<any, any>;

/**
 * The `telemetry` option of an AI SDK call, by a decision. To be given to every call: telemetry is on where it is left out.
 *
 * - skip: `isEnabled: false`, so that no integration hears of the call, and neither does `ai:telemetry` of Node's diagnostics
 *   channels.
 * - trace: as your options say; what you switched off stays off.
 * - trace with `capture: "metadata"`: no inputs, outputs and contexts; names, timing, models, tokens and what failed remain.
 *
 * Whose request it is, you tell `decide`. Ask once per request and use the answer for all of its calls, so that a trace is
 * whole. `ToolLoopAgent` takes the option per call in `prepareCall`.
 *
 * @param decision what `decide` answered
 * @param options your own telemetry options for the call
 * @example
 * ```ts
 * import { generateText } from "ai";
 * import { createTracingToggle } from "tracing-toggle";
 * import { telemetryFor } from "tracing-toggle/ai-sdk";
 *
 * const tracing = createTracingToggle(); // settings from the environment
 * const decision = await tracing.decide({ userId: "user-42", sessionId: "chat-1" });
 * await generateText({ model, prompt, telemetry: telemetryFor(decision, { functionId: "answer" }) });
 * ```
 */
export function telemetryFor<Options extends Telemetry = TelemetryOptions>(
  decision: Pick<Decision, "trace" | "capture">,
  options?: Options,
): Options & { isEnabled: boolean } {
  const isEnabled = decision.trace && options?.isEnabled !== false;
  if (!isEnabled || decision.capture === "full") return { ...(options as Options), isEnabled };
  return {
    ...(options as Options),
    isEnabled,
    recordInputs: false,
    recordOutputs: false,
    includeRuntimeContext: undefined,
    includeToolsContext: undefined,
  };
}
