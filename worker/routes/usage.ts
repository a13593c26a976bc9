import { Hono } from "hono";
import { AppError } from "../errors.ts";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { parseBody, projectIdOf } from "../middleware/parse.ts";
import { REPORT_MAX_AGE_MS, recordUsage } from "../services/usage.ts";
import { usageBody } from "./schemas.ts";

/** How far a reporter's clock may be ahead of ours: its period ends now, then. */
const CLOCK_AHEAD_MS = 300_000;

function periodEndOf(reported: Date, now: number): Date {
  const age = now - reported.getTime();
  const wrong = (message: string) =>
    new AppError("invalid_body", `period_end: ${message}`, [{ field: "period_end", message }]);
  if (age > REPORT_MAX_AGE_MS) throw wrong("must be less than 48 hours ago");
  if (age < -CLOCK_AHEAD_MS) throw wrong("must not be in the future; check the clock of the reporting machine");
  return age < 0 ? new Date(now) : reported;
}

export const usage = new Hono<AppEnv>().post("/:id/usage", authenticate(), async (c) => {
  const id = projectIdOf(c);
  const { batch_id, instance, period_start, period_end, counts, cost_micros, policy_version, sdk } = await parseBody(
    c,
    usageBody,
  );
  const { isDuplicate } = await recordUsage(authorized(c), id, {
    batchId: batch_id,
    instance,
    periodStart: period_start,
    periodEnd: periodEndOf(period_end, c.var.context.now()),
    counts,
    costMicros: cost_micros,
    policyVersion: policy_version,
    sdk,
  });
  return c.json({ accepted: true, ...(isDuplicate && { duplicate: true }) });
});
