import { type AnswerTo, type BodyOf, query, request } from "../request.ts";

export type KeysPage = AnswerTo<"GET /api/v1/keys">;
export type Key = KeysPage["keys"][number];
/** With its secret, for the only time. */
export type MadeKey = AnswerTo<"POST /api/v1/keys">;
export type NewKey = BodyOf<"POST /api/v1/keys">;

export type Rotation = BodyOf<"POST /api/v1/keys/{key}/rotate">;

const once = (idempotencyKey: string) => ({ "Idempotency-Key": idempotencyKey });

export const readKeys = (cursor: string | null) =>
  request<"GET /api/v1/keys">("GET", `/keys?${query({ limit: "50", cursor })}`);
export const createKey = (key: NewKey, idempotencyKey: string) =>
  request<"POST /api/v1/keys">("POST", "/keys", key, once(idempotencyKey));
export const rotateKey = (id: string, rotation: Rotation, idempotencyKey: string) =>
  request<"POST /api/v1/keys/{key}/rotate">("POST", `/keys/${id}/rotate`, rotation, once(idempotencyKey));
export const revokeKey = (id: string, reason: string) =>
  request<"DELETE /api/v1/keys/{key}">("DELETE", `/keys/${id}`, reason.trim() === "" ? {} : { reason: reason.trim() });
/** Those whose name contains the text, or whose id begins with it. */
export const findProjects = (search: string) =>
  request<"GET /api/v1/projects">("GET", `/projects?${query({ limit: "100", search: search.trim() })}`);
