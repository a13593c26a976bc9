import { Hono } from "hono";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { projectIdOf } from "../middleware/parse.ts";
import { readStatus } from "../services/status.ts";

export const status = new Hono<AppEnv>().get("/:id/status", authenticate(), async (c) => {
  const { status, reason, version, lastReportAt, instances, lastChange } = await readStatus(
    authorized(c),
    projectIdOf(c),
  );
  return c.json({
    status,
    reason,
    version,
    last_report_at: lastReportAt?.toISOString() ?? null,
    instances: {
      count: instances.count,
      current: instances.current,
      newest: instances.newest.map((instance) => ({
        instance: instance.instance,
        sdk: { version: instance.sdkVersion, runtime: instance.runtime },
        policy_version: instance.policyVersion,
        first_seen_at: instance.firstSeenAt.toISOString(),
        last_report_at: instance.lastReportAt.toISOString(),
      })),
    },
    last_change: lastChange && {
      version: lastChange.version,
      action: lastChange.action,
      at: new Date(lastChange.at).toISOString(),
      live_after_ms: lastChange.liveAfterMs,
      seen_by: lastChange.seenBy,
      of: instances.count,
      slowest_ms: lastChange.slowestMs,
    },
  });
});
