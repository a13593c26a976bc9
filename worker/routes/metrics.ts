import { Hono } from "hono";
import { dollarsOf } from "../domain/money.ts";
import type { Tally } from "../domain/reasons.ts";
import { AppError } from "../errors.ts";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { parseQuery, projectIdOf } from "../middleware/parse.ts";
import { HOURS_KEPT_MS, readMetrics, STEPS_MS, type Step } from "../services/metrics.ts";
import { metricsQuery } from "./schemas.ts";

const HOUR_MS = STEPS_MS.hour;
const DAY_MS = STEPS_MS.day;

interface Limit {
  default: number;
  longest: number;
  /** How far back there is something to tell. */
  reach: number;
  tooLong: string;
  tooOld: string;
}

/** In ms, and in words. The minute's reach is shorter than minutes are kept: a range that begins in it is whole. */
const LIMITS: Record<Step, Limit> = {
  minute: {
    default: HOUR_MS,
    longest: 6 * HOUR_MS,
    reach: DAY_MS,
    tooLong: "must be 6 hours before to at most; for more, ask with step=hour",
    tooOld: "must be in the last 24 hours: older minutes are forgotten; ask with step=hour",
  },
  hour: {
    default: DAY_MS,
    longest: 31 * DAY_MS,
    reach: HOURS_KEPT_MS + DAY_MS,
    tooLong: "must be 31 days before to at most; for more, ask with step=day",
    tooOld: "must be in the last 400 days: older counts are forgotten",
  },
  day: {
    default: 30 * DAY_MS,
    longest: 400 * DAY_MS,
    reach: HOURS_KEPT_MS + DAY_MS,
    tooLong: "must be 400 days before to at most",
    tooOld: "must be in the last 400 days: older counts are forgotten",
  },
};

const wrong = (field: string, message: string) =>
  new AppError("invalid_query", `${field}: ${message}`, [{ field, message }]);

/** The stretch of time that is asked for, without the future. */
function rangeOf({ from, to, step }: { from?: Date | undefined; to?: Date | undefined; step: Step }, now: number) {
  const limit = LIMITS[step];
  const until = Math.min(to?.getTime() ?? now + 1, now + 1);
  const begin = from?.getTime() ?? until - limit.default;
  if (begin > now) throw wrong("from", "must be in the past");
  if (begin >= until) throw wrong("from", "must be before to");
  if (begin < now - limit.reach) throw wrong(from ? "from" : "to", limit.tooOld);
  if (until - begin > limit.longest + STEPS_MS[step]) throw wrong("from", limit.tooLong);
  return { from: begin, until, step };
}

const tallyJson = ({ traced, skipped, undetermined, failOpens, byReason }: Tally) => ({
  traced,
  skipped,
  undetermined,
  fail_opens: failOpens,
  reasons: byReason,
});

export const metrics = new Hono<AppEnv>().get("/:id/metrics", authenticate(), async (c) => {
  const range = rangeOf(parseQuery(c, metricsQuery), c.var.context.now());
  const found = await readMetrics(authorized(c), projectIdOf(c), range);
  const { total, savings, propagation } = found;
  return c.json({
    from: new Date(found.from).toISOString(),
    to: new Date(found.until).toISOString(),
    step: range.step,
    total: { ...tallyJson(total), cost_usd: dollarsOf(total.costMicros) },
    savings: savings && {
      usd: dollarsOf(savings.micros),
      run_cost_usd: dollarsOf(savings.runCostMicros),
      basis: savings.basis,
    },
    propagation: { p50_ms: propagation.p50Ms, p99_ms: propagation.p99Ms, sightings: propagation.sightings },
    buckets: found.buckets.map((bucket) => ({
      at: new Date(bucket.at).toISOString(),
      ...tallyJson(bucket),
      cost_usd: dollarsOf(bucket.costMicros),
    })),
    events: found.events.map(({ id, createdAt, action, actor, reason, version, liveAfterMs }) => ({
      id: String(id),
      at: createdAt.toISOString(),
      action,
      actor,
      reason,
      version,
      live_after_ms: liveAfterMs,
    })),
    has_more_events: found.hasMoreEvents,
  });
});
