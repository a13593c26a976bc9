import type { ProjectApi } from "../api.ts";
import { type AnswerTo, download, query, request } from "../request.ts";
import type { Filter } from "./filter.ts";

export type EventsPage = AnswerTo<"GET /api/v1/projects/{id}/events">;
export type HistoryApi = ReturnType<typeof historyApi>;

/** What is asked of a project, its events page by page among it. */
export function historyApi(id: string, project: ProjectApi) {
  const path = `/projects/${encodeURIComponent(id)}/events` as const;
  return {
    ...project,
    readPage: (filter: Filter, cursor: string | null, limit = 50) =>
      request<"GET /api/v1/projects/{id}/events">(
        "GET",
        `${path}?${query({ ...filter, cursor, limit: String(limit) })}`,
      ),
    /** Every event that the filter lets through, one JSON object a line. */
    readAll: (filter: Filter) => download(`${path}?${query({ ...filter })}`, "application/x-ndjson"),
  };
}
