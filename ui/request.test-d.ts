// What a request takes, by the API's description. `npm run types` checks it; it never runs.
import { request } from "./request.ts";

const id = String(Math.random());

export const possible = () => [
  request<"GET /api/v1/projects">("GET", `/projects?limit=${id}`),
  request<"GET /api/v1/projects/{id}/rules">("GET", `/projects/${id}/rules`),
  request<"PATCH /api/v1/projects/{id}/rules">("PATCH", `/projects/${id}/rules`, { sample_rate: 0.5 }),
];

export const impossible = () => [
  // @ts-expect-error no such operation
  request<"GET /api/v1/rules">("GET", "/rules"),
  // @ts-expect-error another method
  request<"GET /api/v1/projects/{id}/rules">("PUT", `/projects/${id}/rules`),
  // @ts-expect-error another path
  request<"GET /api/v1/projects/{id}/rules">("GET", `/projects/${id}/tracing`),
  // @ts-expect-error a field is missing
  request<"PUT /api/v1/projects/{id}/lock">("PUT", `/projects/${id}/lock`, {}),
  // @ts-expect-error a field that does not exist
  request<"PATCH /api/v1/projects/{id}/rules">("PATCH", `/projects/${id}/rules`, { rate: 0.5 }),
];
