import { Hono } from "hono";
import { type AppContext, type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { parseQuery, projectIdOf } from "../middleware/parse.ts";
import { exportEvents, listEvents } from "../services/events.ts";
import type { EventRow } from "../store/schema.ts";
import { eventsExportQuery, eventsQuery } from "./schemas.ts";

const NDJSON = "application/x-ndjson";

const eventJson = (event: EventRow) => ({
  id: String(event.id),
  project_id: event.projectId,
  action: event.action,
  actor: event.actor,
  reason: event.reason,
  version: event.version,
  before: event.before,
  after: event.after,
  created_at: event.createdAt.toISOString(),
  live_after_ms: event.liveAfterMs,
});

/** One event a line, read as the reader takes them. An export that fails midway is cut off, so that it is not taken for whole. */
async function ndjson(pages: AsyncGenerator<EventRow[], void>): Promise<ReadableStream<Uint8Array>> {
  const encode = (rows: EventRow[]) =>
    new TextEncoder().encode(rows.map((row) => `${JSON.stringify(eventJson(row))}\n`).join(""));
  let next: IteratorResult<EventRow[], void> | undefined = await pages.next(); // what fails at once is an answer
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = next ?? (await pages.next());
          next = undefined;
          if (done) controller.close();
          else controller.enqueue(encode(value));
        } catch (error) {
          console.error(`an export ended early: ${(error as Error).name}`);
          controller.error(new Error("The export ended early."));
        }
      },
      async cancel() {
        await pages.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function answer(c: AppContext, projectId: string | null): Promise<Response> {
  if (c.req.header("accept")?.includes(NDJSON)) {
    const pages = exportEvents(authorized(c), projectId, parseQuery(c, eventsExportQuery));
    return c.body(await ndjson(pages), 200, { "content-type": NDJSON });
  }
  const { rows, nextCursor } = await listEvents(authorized(c), projectId, parseQuery(c, eventsQuery));
  return c.json({ events: rows.map(eventJson), next_cursor: nextCursor });
}

/** The changes of one project. */
export const projectEvents = new Hono<AppEnv>().get("/:id/events", authenticate(), (c) => answer(c, projectIdOf(c)));

/** The changes of all projects that an admin may see, and of the keys. */
export const events = new Hono<AppEnv>().get("/", authenticate(), (c) => answer(c, null));
