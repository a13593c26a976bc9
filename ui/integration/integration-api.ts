import { type AnswerTo, request } from "../request.ts";

export type Status = AnswerTo<"GET /api/v1/projects/{id}/status">;

export const readStatus = (id: string) =>
  request<"GET /api/v1/projects/{id}/status">("GET", `/projects/${encodeURIComponent(id)}/status`);
