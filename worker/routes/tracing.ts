import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
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

// Weak: the same state reads the same, whichever store told it.
const etagOf = ({ policy, enabled, reason }: TracingState) =>
  `W/"${policy?.version ?? 0}-${policy?.until ?? 0}-${enabled}-${reason}"`;

const sameTag = (header: string | undefined, etag: string): boolean => {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return header?.split(",").some((tag) => bare(tag) === bare(etag) || bare(tag) === "*") ?? false;
};

/** Goes on with the request when the asker leaves: an SDK does when its time is up, and the next one finds Redis filled. */
const finishAlone = createMiddleware<AppEnv>(async (c, next) => {
  const work = next();
  c.var.context.defer(work);
  await work;
});

export const tracing = new Hono<AppEnv>()
  .patch("/:id/tracing", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const { tracing_enabled: tracingEnabled, reason } = await parseBody(c, setTracingBody);
    const change = { tracingEnabled, reason };
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
  .get("/:id/tracing", finishAlone, authenticate({ outlivesDatabase: true }), async (c) => {
    const state = await readTracing(authorized(c), projectIdOf(c));
    const etag = etagOf(state);
    c.header("etag", etag);
    if (sameTag(c.req.header("if-none-match"), etag)) return c.body(null, 304);
    return c.json({ ...state, version: state.policy?.version ?? null });
  });
