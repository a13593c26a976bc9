import { type AnswerTo, download, query, request } from "../request.ts";
import type { Filter } from "./filter.ts";
import type { Rules } from "./settings.ts";

export type EventsPage = AnswerTo<"GET /api/v1/projects/{id}/events">;
export type HistoryApi = ReturnType<typeof historyApi>;

const because = (reason: string) => (reason.trim() === "" ? {} : { reason: reason.trim() });

const ifMatch = (version: number) => ({ "If-Match": `"${version}"` });

export function historyApi(id: string) {
  const path = `/projects/${encodeURIComponent(id)}` as const;
  return {
    readPage: (filter: Filter, cursor: string | null, limit = 50) =>
      request<"GET /api/v1/projects/{id}/events">(
        "GET",
        `${path}/events?${query({ ...filter, cursor, limit: String(limit) })}`,
      ),
    /** Every event that the filter lets through, one JSON object a line. */
    readAll: (filter: Filter) => download(`${path}/events?${query({ ...filter })}`, "application/x-ndjson"),
    readProject: () => request<"GET /api/v1/projects/{id}">("GET", path),
    readRules: () => request<"GET /api/v1/projects/{id}/rules">("GET", `${path}/rules`),
    /** Both are refused (412) when the project is not at that version any more, and lift no emergency stop. */
    changeRules: (rules: Partial<Rules>, reason: string, version: number) =>
      request<"PATCH /api/v1/projects/{id}/rules">(
        "PATCH",
        `${path}/rules`,
        { ...rules, ...because(reason) },
        ifMatch(version),
      ),
    setSwitch: (on: boolean, reason: string, version: number) =>
      request<"PATCH /api/v1/projects/{id}/tracing">(
        "PATCH",
        `${path}/tracing`,
        { tracing_enabled: on, ...because(reason) },
        ifMatch(version),
      ),
  };
}
