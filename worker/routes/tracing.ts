import { Hono } from "hono";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { finishAlone } from "../middleware/finish-alone.ts";
import { ifVersionOf, parseBody, projectIdOf } from "../middleware/parse.ts";
import { readTracing, setTracing, type TracingState } from "../services/tracing.ts";
import { setTracingBody } from "./schemas.ts";
import { changeJson, overrideJson } from "./state.ts";

// Weak: the same state reads the same, whichever store told it.
const etagOf = ({ policy, enabled, reason }: TracingState) =>
  `W/"${policy?.version ?? 0}-${policy?.until ?? 0}-${enabled}-${reason}"`;

const sameTag = (header: string | undefined, etag: string): boolean => {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return header?.split(",").some((tag) => bare(tag) === bare(etag) || bare(tag) === "*") ?? false;
};

export const tracing = new Hono<AppEnv>()
  .patch("/:id/tracing", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const body = await parseBody(c, setTracingBody);
    const { project, propagation, metBreakGlass, before } = await setTracing(authorized(c), id, {
      tracingEnabled: body.tracing_enabled,
      reason: body.reason,
      durationSeconds: body.duration_seconds,
      liftBreakGlass: body.lift_break_glass,
      ifVersion: ifVersionOf(c),
    });
    const now = c.var.context.now();
    const override = overrideJson(project, now);
    return c.json({
      status: "ok",
      tracing_enabled: project.tracingEnabled,
      message: `Tracing ${body.tracing_enabled ? "enabled" : "disabled"} for project${override ? ` until ${override.until}` : ""}`,
      ...changeJson(project, propagation, now),
      override,
      before: {
        tracing_enabled: before.tracingEnabled,
        override: overrideJson(before, now),
        break_glass: metBreakGlass,
      },
    });
  })
  .get("/:id/tracing", finishAlone, authenticate({ outlivesDatabase: true }), async (c) => {
    const state = await readTracing(authorized(c), projectIdOf(c));
    const etag = etagOf(state);
    c.header("etag", etag);
    if (sameTag(c.req.header("if-none-match"), etag)) return c.body(null, 304);
    return c.json({ ...state, version: state.policy?.version ?? null });
  });
