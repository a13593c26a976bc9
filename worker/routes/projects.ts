import { Hono } from "hono";
import { effectiveState } from "../domain/policy.ts";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { optionalBody, parseBody, parseQuery, projectIdOf } from "../middleware/parse.ts";
import { repeatable } from "../middleware/repeatable.ts";
import { createProject, deleteProject, getProject, listProjects, renameProject } from "../services/projects.ts";
import type { ProjectRow } from "../store/schema.ts";
import { createProjectBody, projectsQuery, reasonBody, renameProjectBody } from "./schemas.ts";
import { lockJson, overrideJson } from "./state.ts";

function projectJson(project: ProjectRow, now: number) {
  const { enabled: effective, reason } = effectiveState(project, now);
  return {
    id: project.id,
    name: project.name,
    tracing_enabled: project.tracingEnabled,
    effective,
    reason,
    production: project.production,
    override: overrideJson(project, now),
    lock: lockJson(project),
    version: project.version,
    created_at: project.createdAt.toISOString(),
    updated_at: project.updatedAt.toISOString(),
  };
}

export const projects = new Hono<AppEnv>()
  .get("/", authenticate(), async (c) => {
    const { rows, nextCursor } = await listProjects(authorized(c), parseQuery(c, projectsQuery));
    return c.json({ projects: rows.map((row) => projectJson(row, c.var.context.now())), next_cursor: nextCursor });
  })
  .post("/", authenticate(), async (c) => {
    const { tracing_enabled: tracingEnabled, ...rest } = await parseBody(c, createProjectBody);
    const json = (project: ProjectRow) => projectJson(project, c.var.context.now());
    const created = await repeatable(c, {
      make: async (claim) => json(await createProject(authorized(c), { ...rest, tracingEnabled }, claim)),
      recall: async ({ id }) => json(await getProject(authorized(c), id)),
    });
    return c.json(created, 201, { location: `/api/v1/projects/${created.id}` });
  })
  .get("/:id", authenticate(), async (c) => {
    const project = await getProject(authorized(c), projectIdOf(c));
    return c.json(projectJson(project, c.var.context.now()));
  })
  .patch("/:id", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const change = await parseBody(c, renameProjectBody);
    const project = await renameProject(authorized(c), id, change);
    return c.json(projectJson(project, c.var.context.now()));
  })
  .delete("/:id", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const { reason } = await optionalBody(c, reasonBody);
    await deleteProject(authorized(c), id, reason);
    return c.body(null, 204);
  });
