import type { PolicyDocument, UserOverride } from "../sdk/src/wire.ts";
import { query, request } from "./request.ts";

export type Scope = "admin" | "write" | "read" | "report";
export type Propagation = "live" | "pending" | "held";

export interface Session {
  key: { id: string; name: string };
  scopes: Scope[];
  /** The one project the key is bound to, or null for all. */
  project_id: string | null;
  expires_at: string;
}

/** The project as a whole for a while: on or off, then back to what the rules say. */
export interface ProjectOverride {
  trace: boolean;
  until: string;
}

/** By an admin: off for everyone until it is lifted. */
export interface Lock {
  reason: string;
  locked_at: string | null;
}

export interface Project {
  id: string;
  name: string;
  /** The switch. What follows from all the rules at this moment is `effective`, as the database has it. */
  tracing_enabled: boolean;
  effective: boolean;
  reason: string;
  /** Its changes need a reason. */
  production: boolean;
  override: ProjectOverride | null;
  lock: Lock | null;
  version: number;
  created_at: string;
  updated_at: string;
}

/** The policy document as it goes over the wire. */
export type WirePolicy = Omit<PolicyDocument, "overrides"> & { overrides: Record<string, UserOverride> };

/** What agents see right now, a break-glass in Redis included. */
export interface TracingState {
  effective: boolean;
  reason: string;
  /** Of the policy document agents read; null when there is none. */
  version: number | null;
  source: "redis" | "postgres";
  /** `tracing:<id>:enabled` as read; null when it is missing, undefined when Redis was not read. */
  enabled?: boolean | null;
  policy: WirePolicy | null;
}

/** What the answer to every change of a project says. */
export interface Changed {
  effective: boolean;
  reason: string;
  version: number;
  propagation: Propagation;
}

export interface TracingChange extends Changed {
  tracing_enabled: boolean;
  override: ProjectOverride | null;
}

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** On these days from `from` to `to` (HH:MM); not later than `from`, it is of the next day. */
export interface QuietWindow {
  days: Weekday[];
  from: string;
  to: string;
}

/** What is set together, and saved with the version that it was read at. */
export interface Rules {
  sample_rate: number;
  capture: PolicyDocument["capture"];
  when_unavailable: PolicyDocument["when_unavailable"];
  production: boolean;
  daily_budget_usd: string | null;
  time_zone: string;
  schedule: QuietWindow[];
}

export interface RulesRead extends Rules {
  /** Reported so far, of the project's own day. */
  spent_today_usd: string;
  lock: Lock | null;
  version: number;
}

export interface UserEntry {
  user: string;
  trace: boolean;
  reason: string | null;
  created_at: string;
  expires_at: string | null;
}

export interface UsersPage {
  users: UserEntry[];
  next_cursor: string | null;
}

/** When a decision becomes another; `trace` is null where chance decides. */
export interface NextChange {
  at: string;
  trace: boolean | null;
  reason: string;
}

export interface Decision {
  trace: boolean | null;
  reason: string;
  rule: string;
  overrode: string[];
  version: number;
  next_change: NextChange | null;
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

export const getSession = () => request<Session>("GET", "/session");
export const createSession = (key: string) => request<unknown>("POST", "/session", { key });
export const deleteSession = () => request<unknown>("DELETE", "/session");

export const getProjects = (cursor: string | null) =>
  request<ProjectPage>("GET", `/projects?limit=50${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
export const createProject = (name: string) => request<Project>("POST", "/projects", { name });

export type ProjectApi = ReturnType<typeof projectApi>;

/** Optional everywhere but in a project marked production. */
const because = (reason: string) => (reason.trim() === "" ? {} : { reason: reason.trim() });

export function projectApi(id: string) {
  const path = `/projects/${encodeURIComponent(id)}`;
  const userPath = (user: string) => `${path}/users/${encodeURIComponent(user)}`;
  return {
    read: () => request<Project>("GET", path),
    readTracing: () => request<TracingState>("GET", `${path}/tracing`),
    /** For `seconds`, or until it is changed again; that ends what was set for a while. */
    setTracing: (enabled: boolean, reason: string, seconds?: number) =>
      request<TracingChange>("PATCH", `${path}/tracing`, {
        tracing_enabled: enabled,
        duration_seconds: seconds,
        ...because(reason),
      }),
    readEvents: () => request<{ events: ProjectEvent[] }>("GET", `${path}/events?limit=10`),
    readRules: () => request<RulesRead>("GET", `${path}/rules`),
    /** Refused (412) when the project is not at that version any more. */
    changeRules: (rules: Partial<Rules>, reason: string, version: number) =>
      request<Rules & Changed>(
        "PATCH",
        `${path}/rules`,
        { ...rules, ...because(reason) },
        { "If-Match": `"${version}"` },
      ),
    readUsers: (search: string, cursor: string | null) =>
      request<UsersPage>("GET", `${path}/users?${query({ limit: "50", search, cursor })}`),
    setUser: (user: string, trace: boolean, expires: string | null, reason: string) =>
      request<UserEntry & Changed>("PUT", userPath(user), { trace, expires_at: expires, ...because(reason) }),
    revokeUser: (user: string, reason: string) => request<Changed>("DELETE", userPath(user), because(reason)),
    readDecision: (subject: { user?: string; session?: string; at?: string }) =>
      request<Decision>("GET", `${path}/decision?${query(subject)}`),
    lock: (reason: string) => request<Changed>("PUT", `${path}/lock`, because(reason)),
    unlock: (reason: string) => request<Changed>("DELETE", `${path}/lock`, because(reason)),
  };
}
