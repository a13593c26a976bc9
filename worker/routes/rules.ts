import { Hono } from "hono";
import { dollarsOf } from "../domain/money.ts";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { ifVersionOf, optionalBody, parseBody, projectIdOf } from "../middleware/parse.ts";
import { changeRules, lockProject, type Rules, readRules, unlockProject } from "../services/rules.ts";
import type { ProjectRow } from "../store/schema.ts";
import { lockBody, reasonBody, rulesBody } from "./schemas.ts";
import { changeJson, lockJson, overrideJson } from "./state.ts";

const rulesJson = (project: ProjectRow) => ({
  sample_rate: project.sampleRate,
  capture: project.capture,
  when_unavailable: project.whenUnavailable,
  production: project.production,
  daily_budget_usd: project.dailyBudgetMicros === null ? null : dollarsOf(project.dailyBudgetMicros),
  run_cost_usd: project.runCostMicros === null ? null : dollarsOf(project.runCostMicros),
  time_zone: project.timeZone,
  schedule: project.schedule,
});

const etagOf = ({ version }: ProjectRow) => `"${version}"`;

const given = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Rules>;

export const rules = new Hono<AppEnv>()
  .get("/:id/rules", authenticate(), async (c) => {
    const { project, spentTodayMicros } = await readRules(authorized(c), projectIdOf(c));
    return c.json(
      {
        ...rulesJson(project),
        spent_today_usd: dollarsOf(spentTodayMicros),
        override: overrideJson(project, c.var.context.now()),
        lock: lockJson(project),
        version: project.version,
      },
      200,
      { etag: etagOf(project) },
    );
  })
  .patch("/:id/rules", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const { reason, ...body } = await parseBody(c, rulesBody);
    const wanted = given({
      sampleRate: body.sample_rate,
      capture: body.capture,
      whenUnavailable: body.when_unavailable,
      production: body.production,
      timeZone: body.time_zone,
      schedule: body.schedule,
      dailyBudgetMicros: body.daily_budget_usd,
      runCostMicros: body.run_cost_usd,
    });
    const options = { reason, ifVersion: ifVersionOf(c) };
    const { project, propagation } = await changeRules(authorized(c), id, wanted, options);
    const now = c.var.context.now();
    return c.json({ ...rulesJson(project), ...changeJson(project, propagation, now) }, 200, { etag: etagOf(project) });
  })
  .put("/:id/lock", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const { reason } = await parseBody(c, lockBody);
    const { project, propagation } = await lockProject(authorized(c), id, reason);
    return c.json({ lock: lockJson(project), ...changeJson(project, propagation, c.var.context.now()) });
  })
  .delete("/:id/lock", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const { reason } = await optionalBody(c, reasonBody);
    const { project, propagation } = await unlockProject(authorized(c), id, reason);
    return c.json({ lock: null, ...changeJson(project, propagation, c.var.context.now()) });
  });
