import type { Request, TracingToggle } from "../client.ts";
import type { Decision } from "../project.ts";
import { UNIDENTIFIED } from "./unidentified.ts";

// Registered, so that two copies of this package agree.
export const DECISION = Symbol.for("tracing-toggle.decision");

/** Decides, and tells it; whatever the caller's functions throw. */
export async function decideFor(
  tracing: Pick<TracingToggle, "decide">,
  request: () => Request,
  onDecision?: (decision: Decision) => void,
): Promise<Decision> {
  let decision = UNIDENTIFIED;
  try {
    decision = await tracing.decide(request());
  } catch {
    // whose run it is is not known
  }
  try {
    onDecision?.(decision);
  } catch {
    // must not hurt the run
  }
  return decision;
}
