import { Hono } from "hono";
import { effectiveState } from "../domain/policy.ts";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { parseBody, projectIdOf } from "../middleware/parse.ts";
import type { Propagation } from "../services/publish.ts";
import { readTracing, setTracing, type TracingState } from "../services/tracing.ts";
import type { ProjectRow } from "../store/schema.ts";
import { setTracingBody } from "./schemas.ts";

/** The state right after a change: what the rules say, unless a break-glass holds. */
function stateAfter(project: ProjectRow, propagation: Propagation) {
  const { enabled: effective, reason } = effectiveState(project);
  return propagation === "held" && effective ? { effective: false, reason: "break_glass" } : { effective, reason };
}

const etagOf = ({ policy, enabled, reason }: TracingState) => `"${policy?.version ?? 0}-${enabled}-${reason}"`;

export const tracing = new Hono<AppEnv>()
  .patch("/:id/tracing", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const { tracing_enabled: tracingEnabled, reason } = await parseBody(c, setTracingBody);
    const change = { tracingEnabled, reason: reason ?? undefined };
    const { project, propagation } = await setTracing(authorized(c), id, change);
    return c.json({
      status: "ok",
      tracing_enabled: project.tracingEnabled,
      message: `Tracing ${project.tracingEnabled ? "enabled" : "disabled"} for project`,
      version: project.version,
      propagation,
      ...stateAfter(project, propagation),
    });
  })
  .get("/:id/tracing", authenticate({ outlivesDatabase: true }), async (c) => {
    const reading = readTracing(authorized(c), projectIdOf(c));
    // An SDK leaves when its time is up; the fill goes on, for whoever asks next.
    c.var.context.defer(reading.catch(() => {}));
    const state = await reading;
    const etag = etagOf(state);
    c.header("etag", etag);
    if (c.req.header("if-none-match") === etag) return c.body(null, 304);
    return c.json({ ...state, version: state.policy?.version ?? null });
  });
