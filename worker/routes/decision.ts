import { Hono } from "hono";
import { AppError } from "../errors.ts";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { parseQuery, projectIdOf } from "../middleware/parse.ts";
import { explainDecision } from "../services/decision.ts";
import { decisionQuery } from "./schemas.ts";

const YEAR_MS = 366 * 86_400_000;

function instantOf(at: Date | undefined, now: number): number | undefined {
  if (at && Math.abs(at.getTime() - now) > YEAR_MS) {
    const message = "must be within a year from now";
    throw new AppError("invalid_query", `at: ${message}`, [{ field: "at", message }]);
  }
  return at?.getTime();
}

export const decision = new Hono<AppEnv>().get("/:id/decision", authenticate(), async (c) => {
  const { user, session, trace, at } = parseQuery(c, decisionQuery);
  const subject = { userId: user, sessionId: session, traceId: trace };
  const instant = instantOf(at, c.var.context.now());
  const explained = await explainDecision(authorized(c), projectIdOf(c), subject, instant);
  const next = explained.nextChange;
  return c.json({
    trace: explained.trace,
    reason: explained.reason,
    rule: explained.rule,
    overrode: explained.overrode,
    at: new Date(explained.at).toISOString(),
    capture: explained.capture,
    sample_rate: explained.sampleRate,
    version: explained.version,
    next_change: next && { at: new Date(next.at).toISOString(), trace: next.trace, reason: next.reason },
  });
});
