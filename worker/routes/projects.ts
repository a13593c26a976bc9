import { Hono } from "hono";
import { effectiveState } from "../domain/policy.ts";
import { type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { parseBody, parseQuery, projectIdOf } from "../middleware/parse.ts";
import { listEvents } from "../services/events.ts";
import { createProject, deleteProject, getProject, listProjects, renameProject } from "../services/projects.ts";
import type { EventRow, ProjectRow } from "../store/schema.ts";
import { createProjectBody, deleteProjectBody, eventsQuery, projectsQuery, renameProjectBody } from "./schemas.ts";

function projectJson(project: ProjectRow) {
  const { enabled: effective, reason } = effectiveState(project);
  return {
    id: project.id,
    name: project.name,
    tracing_enabled: project.tracingEnabled,
    effective,
    reason,
    version: project.version,
    created_at: project.createdAt.toISOString(),
    updated_at: project.updatedAt.toISOString(),
  };
}

const eventJson = (event: EventRow) => ({
  id: String(event.id),
  action: event.action,
  actor: event.actor,
  reason: event.reason,
  version: event.version,
  before: event.before,
  after: event.after,
  created_at: event.createdAt.toISOString(),
  live_after_ms: event.liveAfterMs,
});

export const projects = new Hono<AppEnv>()
  .get("/", authenticate(), async (c) => {
    const { rows, nextCursor } = await listProjects(authorized(c), parseQuery(c, projectsQuery));
    return c.json({ projects: rows.map(projectJson), next_cursor: nextCursor });
  })
  .post("/", authenticate(), async (c) => {
    const { tracing_enabled: tracingEnabled, ...rest } = await parseBody(c, createProjectBody);
    const project = await createProject(authorized(c), { ...rest, tracingEnabled });
    return c.json(projectJson(project), 201, { location: `/api/v1/projects/${project.id}` });
  })
  .get("/:id", authenticate(), async (c) => c.json(projectJson(await getProject(authorized(c), projectIdOf(c)))))
  .patch("/:id", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const change = await parseBody(c, renameProjectBody);
    return c.json(projectJson(await renameProject(authorized(c), id, change)));
  })
  .delete("/:id", authenticate(), async (c) => {
    const id = projectIdOf(c);
    const { reason } = c.req.header("content-type") ? await parseBody(c, deleteProjectBody) : {};
    await deleteProject(authorized(c), id, reason);
    return c.body(null, 204);
  })
  .get("/:id/events", authenticate(), async (c) => {
    const { rows, nextCursor } = await listEvents(authorized(c), projectIdOf(c), parseQuery(c, eventsQuery));
    return c.json({ events: rows.map(eventJson), next_cursor: nextCursor });
  });
