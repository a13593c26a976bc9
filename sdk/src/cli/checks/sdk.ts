import { createTracingToggle } from "../../index.ts";
import type { Context } from "../commands/command.ts";
import { howLong } from "../text.ts";
import type { Check, Seen } from "./check.ts";

/** What the SDK allows itself unless it is told otherwise; here it gets longer, so that slow is told from dead. */
const USUAL_MS = 200;
const TIMEOUT_MS = 5_000;
const NAME = "sdk";

/** Reasons of a decision in a project that is on. */
const IS_ON = /^(enabled|sampled|not_sampled|user_override)$/;

/** Whether the SDK decides on this machine as the API says. */
export async function checkSdk({ io, settings }: Context, seen: Seen | undefined): Promise<Check[]> {
  const { url, key, projectId } = settings;
  const { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = io.env;
  if (projectId === undefined) return [{ name: NAME, result: "skipped", detail: "There is no project." }];
  const warnings: string[] = [];
  const redis = UPSTASH_REDIS_REST_URL && UPSTASH_REDIS_REST_TOKEN;
  try {
    const tracing = createTracingToggle({
      projectId,
      redis: redis ? { url: UPSTASH_REDIS_REST_URL, token: UPSTASH_REDIS_REST_TOKEN } : null,
      api: url && key ? { url, key } : null,
      maxAgeMs: 0,
      timeoutMs: TIMEOUT_MS,
      logger: { warn: (message) => void warnings.push(message) },
      fetch: io.fetch,
      now: io.now,
    });
    await tracing.decide(); // opens the connection
    const began = performance.now();
    const { reason, source, version } = await tracing.decide();
    const took = performance.now() - began;
    await tracing.close();
    if (source === "fallback")
      return [
        {
          name: NAME,
          result: "wrong",
          detail: `Nobody tells it the policy; it answers by default (${warnings.at(-1)?.replace("tracing-toggle: ", "") ?? reason}).`,
          remedy: "Mend what is wrong above.",
        },
      ];
    const decided = IS_ON.test(reason) ? "on" : `off (${reason})`;
    const told = `${decided}, version ${version}, told by ${source === "redis" ? "Redis" : "the API"} in ${howLong(took)}`;
    if (seen && IS_ON.test(reason) !== seen.effective)
      return [
        {
          name: NAME,
          result: "wrong",
          detail: `It says ${told}; the API says ${seen.effective ? "on" : `off (${seen.reason})`}, version ${seen.version}.`,
          remedy:
            "Compare UPSTASH_REDIS_REST_URL with the Worker's, and mend what is wrong above. Just changed? Try again.",
        },
      ];
    if (redis && source === "api")
      return [
        { name: NAME, result: "wrong", detail: `${told}: Redis did not tell.`, remedy: "Mend what is wrong above." },
      ];
    if (took > USUAL_MS)
      return [
        {
          name: NAME,
          result: "note",
          detail: told,
          remedy: `That is more than the ${USUAL_MS} ms the SDK allows itself: set UPSTASH_REDIS_REST_URL to a near region, or raise timeoutMs.`,
        },
      ];
    return [{ name: NAME, result: "ok", detail: told }];
  } catch (error) {
    return [{ name: NAME, result: "wrong", detail: (error as Error).message, remedy: "Mend the settings above." }];
  }
}
