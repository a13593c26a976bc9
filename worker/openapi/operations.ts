import type * as v from "valibot";
import * as s from "../routes/schemas.ts";
import * as a from "./answers.ts";

type Schema = v.GenericSchema<unknown, unknown>;

/** What a caller needs: any of these scopes; nothing, or the page's cookie. */
export type Access = readonly ("admin" | "write" | "read" | "report")[] | "none";

/** An operation of the API, as its description shows it. */
export interface Operation {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** With `{id}` and the like for its parameters. */
  path: string;
  tag: keyof typeof TAGS;
  summary: string;
  description?: string;
  access: Access;
  query?: Schema;
  body?: Schema;
  /** The body may be left out. */
  bodyIsOptional?: true;
  /** Request headers: what each does. */
  headers?: Record<string, string>;
  /** The answers other than problems, by status; null for one without a body. */
  answers: Record<number, Schema | null>;
  /** What each line is of the answer that `Accept: application/x-ndjson` asks for. */
  line?: Schema;
  /** What its problems look like, if they have more fields than others. */
  problem?: Schema;
  /** Statuses of the problems it may answer, besides those that every operation may. */
  problems?: readonly number[];
}

/** The groups of operations, in the order in which they are shown. */
export const TAGS = {
  Projects: "An agent or a service whose requests are traced or not.",
  Tracing: "The switch, and the state in effect.",
  Rules: "Who is traced, when, how much, until when.",
  Users: "Users who are always or never traced.",
  Decisions: "Why a request is traced or not.",
  Usage: "What the SDKs report.",
  "Other languages": "For clients that are there already: Jaeger remote sampling, and OpenFeature's OFREP.",
  Audit: "Who changed what, when and why.",
  Keys: "Who may do what.",
  Session: "The settings page's sign-in.",
  Health: "Whether the service runs.",
} as const;

const API = "/api/v1";
const PROJECT = `${API}/projects/{id}`;
const ifMatch = {
  "If-Match": "The version that the change is for, in quotes; at another one nothing is changed, and the answer is 412",
};
const idempotencyKey = {
  "Idempotency-Key":
    "Carries the request out once: the same one answers the same for 24 h, another one 422, and 409 while the first is under way. Counts for the caller's own credential",
};
const EXPORT =
  "With `Accept: application/x-ndjson` all of them, one event a line and without `limit`; an export that broke off goes on with the last line's `id` as `cursor`.";
const CHANGE = [404, 410, 413, 415, 422, 423];

export const operations: Operation[] = [
  {
    method: "get",
    path: `${API}/projects`,
    tag: "Projects",
    summary: "List the projects that the key may see",
    access: ["read"],
    query: s.projectsQuery,
    answers: { 200: a.projects },
  },
  {
    method: "post",
    path: `${API}/projects`,
    tag: "Projects",
    summary: "Create a project",
    access: ["admin"],
    headers: idempotencyKey,
    body: s.createProjectBody,
    answers: { 201: a.project },
    problems: [409, 413, 415, 422],
  },
  {
    method: "get",
    path: PROJECT,
    tag: "Projects",
    summary: "Read a project",
    access: ["read"],
    answers: { 200: a.project },
    problems: [404, 410],
  },
  {
    method: "patch",
    path: PROJECT,
    tag: "Projects",
    summary: "Rename a project",
    access: ["admin"],
    body: s.renameProjectBody,
    answers: { 200: a.project },
    problems: CHANGE,
  },
  {
    method: "delete",
    path: PROJECT,
    tag: "Projects",
    summary: "Delete a project",
    description: "For good: its id answers 410 from then on, and its tracing is off.",
    access: ["admin"],
    body: s.reasonBody,
    bodyIsOptional: true,
    answers: { 204: null },
    problems: CHANGE,
  },
  {
    method: "get",
    path: `${PROJECT}/tracing`,
    tag: "Tracing",
    summary: "Read the state in effect and the policy document",
    description: "From Redis, and on a miss from the database, which fills Redis. A break-glass shows here.",
    access: ["read", "report"],
    headers: { "If-None-Match": "An ETag of this resource; unchanged, it answers 304" },
    answers: { 200: a.tracing, 304: null },
    problems: [404, 410],
  },
  {
    method: "patch",
    path: `${PROJECT}/tracing`,
    tag: "Tracing",
    summary: "Switch tracing on or off",
    description:
      "In Redis when the answer arrives (`propagation: live`). With `duration_seconds` the project is overridden for that long and the switch stays; without, a temporary override ends. Lifts a break-glass unless `lift_break_glass` says otherwise.",
    access: ["write"],
    headers: ifMatch,
    body: s.setTracingBody,
    answers: { 200: a.tracingChanged },
    problems: [...CHANGE, 412],
  },
  {
    method: "get",
    path: `${PROJECT}/rules`,
    tag: "Rules",
    summary: "Read the rules",
    access: ["read"],
    answers: { 200: a.rules },
    problems: [404, 410],
  },
  {
    method: "patch",
    path: `${PROJECT}/rules`,
    tag: "Rules",
    summary: "Change the rules that are given",
    access: ["write"],
    headers: ifMatch,
    body: s.rulesBody,
    answers: { 200: a.rulesChanged },
    problems: [...CHANGE, 412],
  },
  {
    method: "put",
    path: `${PROJECT}/lock`,
    tag: "Rules",
    summary: "Lock a project off",
    description: "Nobody is traced, user overrides included; keys without `admin` get 423 with the reason.",
    access: ["admin"],
    body: s.lockBody,
    answers: { 200: a.lockChanged },
    problems: CHANGE,
  },
  {
    method: "delete",
    path: `${PROJECT}/lock`,
    tag: "Rules",
    summary: "Lift the lock",
    access: ["admin"],
    body: s.reasonBody,
    bodyIsOptional: true,
    answers: { 200: a.lockChanged },
    problems: CHANGE,
  },
  {
    method: "get",
    path: `${PROJECT}/users`,
    tag: "Users",
    summary: "List the user overrides in force",
    access: ["read"],
    query: s.usersQuery,
    answers: { 200: a.users },
    problems: [404, 410],
  },
  {
    method: "put",
    path: `${PROJECT}/users/{user}`,
    tag: "Users",
    summary: "Always or never trace a user",
    description:
      "`trace: true` ends after 24 h unless `expires_at` says otherwise, 30 days at most; 500 may be in force. `trace: false` does not end unless `expires_at` is given; 2,000 may be in force. The users `.` and `..` cannot stand in a path: 400.",
    access: ["write"],
    body: s.userOverrideBody,
    answers: { 200: a.userChanged },
    problems: [...CHANGE, 409],
  },
  {
    method: "delete",
    path: `${PROJECT}/users/{user}`,
    tag: "Users",
    summary: "Revoke a user override",
    access: ["write"],
    body: s.reasonBody,
    bodyIsOptional: true,
    answers: { 200: a.userRevoked },
    problems: CHANGE,
  },
  {
    method: "get",
    path: `${PROJECT}/decision`,
    tag: "Decisions",
    summary: "Explain a decision",
    description:
      "Whether a request is traced at an instant, by which rule, which it overrode, and what changes it next.",
    access: ["read"],
    query: s.decisionQuery,
    answers: { 200: a.decision },
    problems: [404, 410],
  },
  {
    method: "post",
    path: `${PROJECT}/usage`,
    tag: "Usage",
    summary: "Report decisions and cost",
    description: "Counts once for each `batch_id`, which is kept for 48 h. The SDK sends it.",
    access: ["report"],
    body: s.usageBody,
    answers: { 200: a.usageAccepted },
    problems: [404, 410, 413, 415, 422],
  },
  {
    method: "get",
    path: `${PROJECT}/status`,
    tag: "Usage",
    summary: "Whether tracing is on and used, by whom, and how far the last change has come",
    access: ["read"],
    answers: { 200: a.status },
    problems: [404, 410],
  },
  {
    method: "get",
    path: `${PROJECT}/metrics`,
    tag: "Usage",
    summary: "Decisions by reason, cost, savings and changes over time",
    description:
      "In buckets of whole minutes, hours or days of UTC, which `from` and `to` are extended to: 6 hours of the last 24 at most by the minute, 31 days by the hour, 400 days by the day.",
    access: ["read"],
    query: s.metricsQuery,
    answers: { 200: a.metrics },
    problems: [404, 410],
  },
  {
    method: "get",
    path: "/k/{secret}/sampling",
    tag: "Other languages",
    summary: "The share of traces to keep, for Jaeger's remote samplers",
    description:
      "The project's sample rate; 0 while it is off, by whatever rule, and when it was deleted. Knows no users. The key must have the scope `read` alone and be of that one project, since URLs are logged.",
    access: "none",
    query: s.samplingQuery,
    answers: { 200: a.samplingStrategy },
    problems: [401, 403, 404],
  },
  {
    method: "post",
    path: "/ofrep/v1/evaluate/flags/{flag}",
    tag: "Other languages",
    summary: "Evaluate the flag `tracing`, for OpenFeature's OFREP providers",
    description:
      "The decision for a request, as the SDK makes it; false when the project was deleted. Without any id the sampling is by chance. Problems have OFREP's fields, too.",
    access: ["read", "report"],
    body: s.evaluationBody,
    answers: { 200: a.evaluation },
    problem: a.evaluationFailure,
    problems: [404, 413],
  },
  {
    method: "get",
    path: `${PROJECT}/events`,
    tag: "Audit",
    summary: "List the changes of a project, newest first",
    description: EXPORT,
    access: ["read"],
    query: s.eventsQuery,
    answers: { 200: a.events },
    line: a.event,
    problems: [404],
  },
  {
    method: "get",
    path: `${API}/events`,
    tag: "Audit",
    summary: "List the changes of all projects and keys, newest first",
    description: `Those of its own project for a key that is bound to one. ${EXPORT}`,
    access: ["admin"],
    query: s.eventsQuery,
    answers: { 200: a.events },
    line: a.event,
  },
  {
    method: "get",
    path: `${API}/keys`,
    tag: "Keys",
    summary: "List the keys, newest first",
    description:
      "Those of its own project for a key that is bound to one. Revoked keys are listed with `include=revoked`.",
    access: ["admin"],
    query: s.keysQuery,
    answers: { 200: a.keys },
  },
  {
    method: "post",
    path: `${API}/keys`,
    tag: "Keys",
    summary: "Create a key",
    description:
      "The answer holds the key, which is shown this once. A key that is bound to a project, or ends, makes only keys that are bound to it and end no later.",
    access: ["admin"],
    headers: idempotencyKey,
    body: s.createKeyBody,
    answers: { 201: a.keyCreated },
    problems: [404, 409, 410, 413, 415, 422],
  },
  {
    method: "post",
    path: `${API}/keys/{key}/rotate`,
    tag: "Keys",
    summary: "Replace a key",
    description:
      "Makes a key like it, and lets it end `expires_in` seconds from now: a day unless it is said; 0 revokes it at once. The new one lives as long as the old one was made for.",
    access: ["admin"],
    headers: idempotencyKey,
    body: s.rotateKeyBody,
    bodyIsOptional: true,
    answers: { 201: a.keyRotated },
    problems: [404, 409, 413, 415, 422],
  },
  {
    method: "delete",
    path: `${API}/keys/{key}`,
    tag: "Keys",
    summary: "Revoke a key",
    description: "It and its sign-ins die at once where it is revoked, and within 10 s everywhere.",
    access: ["admin"],
    body: s.reasonBody,
    bodyIsOptional: true,
    answers: { 204: null },
    problems: [404, 413, 415, 422],
  },
  {
    method: "get",
    path: `${API}/session`,
    tag: "Session",
    summary: "Who is signed in",
    description: "204 when nobody is; 401 with a sign-in that has ended.",
    access: "none",
    answers: { 200: a.session, 204: null },
    problems: [401],
  },
  {
    method: "post",
    path: `${API}/session`,
    tag: "Session",
    summary: "Sign the page in with a key",
    description: "Sets an HttpOnly cookie for 12 h. Accepted from the page's own origin only.",
    access: "none",
    body: s.signInBody,
    answers: { 200: a.session },
    problems: [401, 403, 413, 415, 422],
  },
  {
    method: "delete",
    path: `${API}/session`,
    tag: "Session",
    summary: "Sign out",
    access: "none",
    answers: { 204: null },
    problems: [403],
  },
  {
    method: "get",
    path: "/healthz",
    tag: "Health",
    summary: "The Worker runs",
    access: "none",
    answers: { 200: a.alive },
  },
  {
    method: "get",
    path: "/readyz",
    tag: "Health",
    summary: "The Worker reaches its stores",
    access: "none",
    answers: { 200: a.ready, 503: a.ready },
  },
];
