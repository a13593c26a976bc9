import { type AnswerTo, ApiError, type BodyOf, query, request } from "./request.ts";

// What the page asks of the API. The types are those of its description; /docs says what each field means.

export type Session = AnswerTo<"POST /api/v1/session">;
export type Scope = Session["scopes"][number];

/** `tracing_enabled` is the switch; what follows from all the rules is `effective`, as the database has it. */
export type Project = AnswerTo<"GET /api/v1/projects/{id}">;

/** What agents see right now, a break-glass in Redis included. */
export type TracingState = AnswerTo<"GET /api/v1/projects/{id}/tracing">;
/** The policy document as it goes over the wire. */
export type WirePolicy = NonNullable<TracingState["policy"]>;
export type TracingChange = AnswerTo<"PATCH /api/v1/projects/{id}/tracing">;
export type Propagation = TracingChange["propagation"];
/** What the answer to a change of the project says in any case. */
export type Changed = Pick<TracingChange, "effective" | "reason" | "version" | "propagation">;

export type RulesRead = AnswerTo<"GET /api/v1/projects/{id}/rules">;
/** What is set together, and saved with the version that it was read at. */
export type Rules = Pick<
  RulesRead,
  | "sample_rate"
  | "capture"
  | "when_unavailable"
  | "production"
  | "daily_budget_usd"
  | "run_cost_usd"
  | "time_zone"
  | "schedule"
>;
/** On these days from `from` to `to` (HH:MM); not later than `from`, it is of the next day. */
export type QuietWindow = Rules["schedule"][number];
export type Weekday = QuietWindow["days"][number];

export type UsersPage = AnswerTo<"GET /api/v1/projects/{id}/users">;
export type UserEntry = UsersPage["users"][number];

export type Decision = AnswerTo<"GET /api/v1/projects/{id}/decision">;
/** When a decision becomes another; `trace` is null where chance decides. */
export type NextChange = NonNullable<Decision["next_change"]>;

/** What the agents do: whether they report, and how far the last change has come. */
export type ProjectStatus = AnswerTo<"GET /api/v1/projects/{id}/status">;

export type ProjectEvent = AnswerTo<"GET /api/v1/projects/{id}/events">["events"][number];

/** undefined: nobody is signed in, or not any more. */
export async function getSession(): Promise<Session | ApiError | undefined> {
  const session = await request<"GET /api/v1/session">("GET", "/session");
  return session instanceof ApiError && session.status === 401 ? undefined : session;
}
export const createSession = (key: string) => request<"POST /api/v1/session">("POST", "/session", { key });
export const deleteSession = () => request<"DELETE /api/v1/session">("DELETE", "/session");

export const getProjects = (search: string, cursor: string | null) =>
  request<"GET /api/v1/projects">("GET", `/projects?${query({ limit: "50", search, cursor })}`);

export type ProjectApi = ReturnType<typeof projectApi>;

/** Optional everywhere but in a project marked production. */
const because = (reason: string) => (reason.trim() === "" ? {} : { reason: reason.trim() });

export function projectApi(id: string) {
  const path = `/projects/${encodeURIComponent(id)}` as const;
  const userPath = (user: string) => `${path}/users/${encodeURIComponent(user)}` as const;
  return {
    read: () => request<"GET /api/v1/projects/{id}">("GET", path),
    readTracing: () => request<"GET /api/v1/projects/{id}/tracing">("GET", `${path}/tracing`),
    /**
     * For `seconds`, or until it is changed again; that ends what was set for a while. Refused (412) when the project is not at
     * `version` any more. An emergency stop stays unless the change `lifts` it.
     */
    setTracing: (enabled: boolean, reason: string, seconds?: number, version?: number, lifts = false) =>
      request<"PATCH /api/v1/projects/{id}/tracing">(
        "PATCH",
        `${path}/tracing`,
        { tracing_enabled: enabled, duration_seconds: seconds, lift_break_glass: lifts, ...because(reason) },
        version === undefined ? {} : { "If-Match": `"${version}"` },
      ),
    readEvents: () => request<"GET /api/v1/projects/{id}/events">("GET", `${path}/events?limit=10`),
    readStatus: () => request<"GET /api/v1/projects/{id}/status">("GET", `${path}/status`),
    readRules: () => request<"GET /api/v1/projects/{id}/rules">("GET", `${path}/rules`),
    /** Refused (412) when the project is not at that version any more. */
    changeRules: (
      rules: Omit<BodyOf<"PATCH /api/v1/projects/{id}/rules">, "reason">,
      reason: string,
      version: number,
    ) =>
      request<"PATCH /api/v1/projects/{id}/rules">(
        "PATCH",
        `${path}/rules`,
        { ...rules, ...because(reason) },
        { "If-Match": `"${version}"` },
      ),
    readUsers: (search: string, cursor: string | null) =>
      request<"GET /api/v1/projects/{id}/users">("GET", `${path}/users?${query({ limit: "50", search, cursor })}`),
    setUser: (user: string, trace: boolean, expires: string | null, reason: string) =>
      request<"PUT /api/v1/projects/{id}/users/{user}">("PUT", userPath(user), {
        trace,
        expires_at: expires,
        ...because(reason),
      }),
    revokeUser: (user: string, reason: string) =>
      request<"DELETE /api/v1/projects/{id}/users/{user}">("DELETE", userPath(user), because(reason)),
    readDecision: (subject: { user?: string; session?: string; at?: string }) =>
      request<"GET /api/v1/projects/{id}/decision">("GET", `${path}/decision?${query(subject)}`),
    lock: (reason: string) =>
      request<"PUT /api/v1/projects/{id}/lock">("PUT", `${path}/lock`, { reason: reason.trim() }),
    unlock: (reason: string) => request<"DELETE /api/v1/projects/{id}/lock">("DELETE", `${path}/lock`, because(reason)),
  };
}
