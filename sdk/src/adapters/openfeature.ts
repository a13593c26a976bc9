import {
  type EvaluationContext,
  FlagNotFoundError,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  StandardResolutionReasons,
  TypeMismatchError,
} from "@openfeature/server-sdk";
import type { Request, TracingToggle } from "../client.ts";
import { idOf } from "../decide.ts";
import type { Live } from "../live.ts";
import type { Decision } from "../project.ts";
import { UNIDENTIFIED } from "./unidentified.ts";

/** Settings of {@link TracingToggleProvider}. All may be left out. */
export interface OpenFeatureOptions {
  /**
   * Whose request it is. Default: the user is the context's `userId` or else its `targetingKey`; `sessionId`, `traceId` and
   * `projectId` are the context's. When it throws, the flag is false.
   */
  request?: ((context: EvaluationContext) => Request) | undefined;
  /** The client's `live()`: then changes are told when they are pushed, and not only by the next evaluation. */
  live?: Pick<Live, "onChange"> | undefined;
}

/** The only flag. */
const FLAG = "tracing";

function requestOf({ userId, targetingKey, sessionId, traceId, projectId }: EvaluationContext): Request {
  return { userId: idOf(userId) ?? targetingKey, sessionId, traceId, projectId } as Request;
}

/** Nobody told the policy, and none is held that would still apply. */
const isLost = ({ reason }: Decision): boolean =>
  reason === "unavailable" || reason === "unknown_project" || reason === "pending";

const REASONS: Record<string, string> = {
  user_override: StandardResolutionReasons.TARGETING_MATCH,
  sampled: StandardResolutionReasons.SPLIT,
  not_sampled: StandardResolutionReasons.SPLIT,
};

function reasonOf(decision: Decision): string {
  if (isLost(decision)) return StandardResolutionReasons.DEFAULT;
  if (decision.source === "fallback") return StandardResolutionReasons.STALE;
  return (
    REASONS[decision.reason] ?? (decision.trace ? StandardResolutionReasons.STATIC : StandardResolutionReasons.DISABLED)
  );
}

function mistyped(flagKey: string): never {
  if (flagKey !== FLAG) throw new FlagNotFoundError(`the only flag is "${FLAG}"`);
  throw new TypeMismatchError(`"${FLAG}" is a boolean`);
}

/**
 * A provider for OpenFeature's server SDK: the boolean flag `tracing` is the project's decision.
 *
 * | decision | reason | variant |
 * |---|---|---|
 * | `enabled` | `STATIC` | `on` |
 * | `sampled`, `not_sampled` | `SPLIT` | `on`, `off` |
 * | `user_override` | `TARGETING_MATCH` | `on`, `off` |
 * | off by any other rule | `DISABLED` | `off` |
 * | any of these by the last known policy, because nobody answered | `STALE` | `on`, `off` |
 * | no policy: what `whenUnavailable`, or the policy's own rule for that, says | `DEFAULT` | `on`, `off` |
 *
 * `flagMetadata` has the decision's `reason`, `source`, `capture`, `sampleRate` and `version`. The caller's default value counts
 * only for other flags (`FLAG_NOT_FOUND`) and types (`TYPE_MISMATCH`). The user and the session come from the evaluation
 * context, see {@link OpenFeatureOptions.request}.
 *
 * Events are told by evaluations, as they come, of the client's own project: `PROVIDER_STALE` when the last known policy
 * applies, `PROVIDER_ERROR` when there is none, `PROVIDER_READY` when the policy is told again, and
 * `PROVIDER_CONFIGURATION_CHANGED` when its version is another; this one at once, and of every project, with the option `live`.
 * `setProviderAndWait` waits for the policy, for `timeoutMs` at most, and does not reject when nobody tells it. Closing the
 * provider closes the client.
 *
 * @example
 * ```ts
 * import { OpenFeature } from "@openfeature/server-sdk";
 * import { createTracingToggle } from "tracing-toggle";
 * import { TracingToggleProvider } from "tracing-toggle/openfeature";
 *
 * await OpenFeature.setProviderAndWait(new TracingToggleProvider(createTracingToggle())); // settings from the environment
 * const client = OpenFeature.getClient();
 * if (await client.getBooleanValue("tracing", false, { targetingKey: "user-42", sessionId: "s-1" })) {
 *   // trace this request
 * }
 * ```
 */
export class TracingToggleProvider implements Provider {
  readonly metadata = { name: "tracing-toggle" };
  readonly runsOn = "server";
  readonly events = new OpenFeatureEventEmitter();
  readonly #tracing: Pick<TracingToggle, "decide" | "ready" | "close">;
  readonly #request: (context: EvaluationContext) => Request;
  #status = ProviderEvents.Ready;
  /** The version seen last by an evaluation, and those told last: versions are instants, so that two projects' differ. */
  #version: number | null = null;
  readonly #told = new Set<number>();

  /** @param tracing the client that decides */
  constructor(tracing: Pick<TracingToggle, "decide" | "ready" | "close">, options: OpenFeatureOptions = {}) {
    this.#tracing = tracing;
    this.#request = options.request ?? requestOf;
    options.live?.onChange((_projectId, version) => this.#changed(version));
  }

  initialize(): Promise<void> {
    return this.#tracing.ready();
  }

  onClose(): Promise<void> {
    return this.#tracing.close();
  }

  async resolveBooleanEvaluation(
    flagKey: string,
    _defaultValue: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    if (flagKey !== FLAG) mistyped(flagKey);
    let request: Request;
    try {
      request = this.#request(context);
    } catch (error) {
      // an error code would make it the caller's default, and that may be true
      return { ...details(UNIDENTIFIED), reason: StandardResolutionReasons.ERROR, errorMessage: `${error}` };
    }
    const decision = await this.#tracing.decide(request);
    if (idOf(request?.projectId) === undefined) this.#observe(decision);
    return details(decision);
  }

  async resolveStringEvaluation(flagKey: string): Promise<never> {
    return mistyped(flagKey);
  }

  async resolveNumberEvaluation(flagKey: string): Promise<never> {
    return mistyped(flagKey);
  }

  async resolveObjectEvaluation(flagKey: string): Promise<never> {
    return mistyped(flagKey);
  }

  #observe(decision: Decision): void {
    const { source, reason, version } = decision;
    const isFallback = source === "fallback";
    const status = !isFallback ? ProviderEvents.Ready : isLost(decision) ? ProviderEvents.Error : ProviderEvents.Stale;
    if (status !== this.#status) {
      this.#status = status;
      this.events.emit(status, { message: isFallback ? `nobody told the policy (${reason})` : "the policy is known" });
    }
    if (version === null || version === this.#version) return;
    const isFirst = this.#version === null;
    this.#version = version;
    if (!isFirst) this.#changed(version);
  }

  #changed(version: number): void {
    if (this.#told.has(version)) return;
    this.#told.add(version);
    if (this.#told.size > 100) this.#told.delete(this.#told.values().next().value as number);
    this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [FLAG] });
  }
}

function details(decision: Decision): ResolutionDetails<boolean> {
  const { trace, reason, source, capture, sampleRate, version } = decision;
  return {
    value: trace,
    variant: trace ? "on" : "off",
    reason: reasonOf(decision),
    flagMetadata: { reason, source, capture, sampleRate, ...(version === null ? undefined : { version }) },
  };
}
