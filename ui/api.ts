// The only file that talks to the server. Authentication is the HttpOnly session cookie.
// Every call answers with the value or with an ApiError; none throws.

export type Scope = "admin" | "write" | "read" | "report";
export type Propagation = "live" | "pending" | "held";

export interface Session {
  key: { id: string; name: string };
  scopes: Scope[];
  /** The one project the key is bound to, or null for all. */
  project_id: string | null;
  expires_at: string;
}

export interface Project {
  id: string;
  name: string;
  /** The switch. What follows from all the rules at this moment is `effective`, as the database has it. */
  tracing_enabled: boolean;
  effective: boolean;
  reason: string;
  version: number;
  created_at: string;
  updated_at: string;
}

/** What agents see right now, a break-glass in Redis included. */
export interface TracingState {
  effective: boolean;
  reason: string;
  /** Of the policy document agents read; null when there is none. */
  version: number | null;
  source: "redis" | "postgres";
}

export interface TracingChange {
  tracing_enabled: boolean;
  effective: boolean;
  reason: string;
  version: number;
  propagation: Propagation;
}

export interface ProjectEvent {
  id: string;
  action: string;
  actor: { id: string; name: string; via: string };
  reason: string | null;
  version: number;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  created_at: string;
  live_after_ms: number | null;
}

export interface ProjectPage {
  projects: Project[];
  next_cursor: string | null;
}

interface Problem {
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
  request_id?: string;
}

export class ApiError {
  /** HTTP status, or 0 when no answer arrived. */
  readonly status: number;
  /** The server's stable code; `timeout`, `unreachable` or `unexpected_answer` when it gave none. */
  readonly code: string;
  readonly detail: string | null;
  readonly fieldErrors: { field: string; message: string }[];
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, problem: Problem, retryAfter: string | null = null) {
    this.status = status;
    this.code = problem.code ?? "unexpected_answer";
    this.detail = problem.detail ?? null;
    this.fieldErrors = problem.errors ?? [];
    this.requestId = problem.request_id ?? null;
    this.retryAfterSeconds = Number.parseInt(retryAfter ?? "", 10) || null;
  }
}

type Answer<T> = Promise<T | ApiError>;

const TIMEOUT_MS = 15_000;

let sessionEnded = () => {};

/** Called when a request other than sign-in is refused because nobody is signed in. */
export function onSessionEnded(listener: () => void): void {
  sessionEnded = listener;
}

async function request<T>(method: string, path: string, body?: unknown): Answer<T> {
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: { "Content-Type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text || "null");
    if (response.status === 401 && path !== "/session") sessionEnded();
    return new ApiError(response.status, parseProblem(text), response.headers.get("Retry-After"));
  } catch (cause) {
    return new ApiError(0, { code: causeCode(cause) });
  }
}

/** A proxy on the way may answer with a page instead of a problem document. */
function parseProblem(text: string): Problem {
  return text.startsWith("{") ? JSON.parse(text) : {};
}

function causeCode(cause: unknown): string {
  if (cause instanceof SyntaxError) return "unexpected_answer";
  return cause instanceof DOMException && cause.name === "TimeoutError" ? "timeout" : "unreachable";
}

export const getSession = () => request<Session>("GET", "/session");
export const createSession = (key: string) => request<unknown>("POST", "/session", { key });
export const deleteSession = () => request<unknown>("DELETE", "/session");

export const getProjects = (cursor: string | null) =>
  request<ProjectPage>("GET", `/projects?limit=50${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
export const createProject = (name: string) => request<Project>("POST", "/projects", { name });

export type ProjectApi = ReturnType<typeof projectApi>;

export function projectApi(id: string) {
  const path = `/projects/${encodeURIComponent(id)}`;
  return {
    read: () => request<Project>("GET", path),
    readTracing: () => request<TracingState>("GET", `${path}/tracing`),
    setTracing: (enabled: boolean, reason: string) =>
      request<TracingChange>("PATCH", `${path}/tracing`, {
        tracing_enabled: enabled,
        ...(reason !== "" && { reason }),
      }),
    readEvents: () => request<{ events: ProjectEvent[] }>("GET", `${path}/events?limit=10`),
  };
}
