// Made by `npm run api:types` from the API's description: do not edit.

/** What each operation takes and answers. */
export interface Operations {
  "GET /api/v1/projects": {
    answer: {
      projects: readonly {
        id: string;
        name: string;
        tracing_enabled: boolean;
        effective: boolean;
        reason: string;
        production: boolean;
        override: { trace: boolean; until: string } | null;
        lock: { reason: string; locked_at: string | null } | null;
        version: number;
        created_at: string;
        updated_at: string;
      }[];
      next_cursor: string | null;
    };
    query: { limit?: string; cursor?: string; search?: string };
    body: undefined;
  };
  "POST /api/v1/projects": {
    answer: {
      id: string;
      name: string;
      tracing_enabled: boolean;
      effective: boolean;
      reason: string;
      production: boolean;
      override: { trace: boolean; until: string } | null;
      lock: { reason: string; locked_at: string | null } | null;
      version: number;
      created_at: string;
      updated_at: string;
    };
    query: object;
    body: { name: string; id?: string; tracing_enabled?: boolean; reason?: string | null };
  };
  "GET /api/v1/projects/{id}": {
    answer: {
      id: string;
      name: string;
      tracing_enabled: boolean;
      effective: boolean;
      reason: string;
      production: boolean;
      override: { trace: boolean; until: string } | null;
      lock: { reason: string; locked_at: string | null } | null;
      version: number;
      created_at: string;
      updated_at: string;
    };
    query: object;
    body: undefined;
  };
  "PATCH /api/v1/projects/{id}": {
    answer: {
      id: string;
      name: string;
      tracing_enabled: boolean;
      effective: boolean;
      reason: string;
      production: boolean;
      override: { trace: boolean; until: string } | null;
      lock: { reason: string; locked_at: string | null } | null;
      version: number;
      created_at: string;
      updated_at: string;
    };
    query: object;
    body: { name: string; reason?: string | null };
  };
  "DELETE /api/v1/projects/{id}": { answer: undefined; query: object; body: { reason?: string | null } };
  "GET /api/v1/projects/{id}/tracing": {
    answer: {
      effective: boolean;
      reason: string;
      enabled?: boolean | null;
      policy: {
        version: number;
        enabled: boolean;
        reason: string;
        sample_rate: number;
        capture: "full" | "metadata";
        when_unavailable: "last_known" | "skip" | "trace";
        until?: number;
        overrides: Record<string, readonly [boolean, number | null]>;
        transitions: readonly (readonly [number, boolean, string])[];
      } | null;
      source: "redis" | "postgres";
      version: number | null;
    };
    query: object;
    body: undefined;
  };
  "PATCH /api/v1/projects/{id}/tracing": {
    answer: {
      status: "ok";
      tracing_enabled: boolean;
      message: string;
      version: number;
      propagation: "live" | "pending" | "held";
      effective: boolean;
      reason: string;
      override: { trace: boolean; until: string } | null;
      before: {
        tracing_enabled: boolean;
        override: { trace: boolean; until: string } | null;
        break_glass: boolean | null;
      };
    };
    query: object;
    body: { tracing_enabled: boolean; reason?: string | null; duration_seconds?: number; lift_break_glass?: boolean };
  };
  "GET /api/v1/projects/{id}/rules": {
    answer: {
      sample_rate: number;
      capture: "full" | "metadata";
      when_unavailable: "last_known" | "skip" | "trace";
      production: boolean;
      daily_budget_usd: string | null;
      run_cost_usd: string | null;
      time_zone: string;
      schedule: readonly {
        days: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
        from: string;
        to: string;
      }[];
      spent_today_usd: string;
      override: { trace: boolean; until: string } | null;
      lock: { reason: string; locked_at: string | null } | null;
      version: number;
    };
    query: object;
    body: undefined;
  };
  "PATCH /api/v1/projects/{id}/rules": {
    answer: {
      sample_rate: number;
      capture: "full" | "metadata";
      when_unavailable: "last_known" | "skip" | "trace";
      production: boolean;
      daily_budget_usd: string | null;
      run_cost_usd: string | null;
      time_zone: string;
      schedule: readonly {
        days: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
        from: string;
        to: string;
      }[];
      version: number;
      propagation: "live" | "pending" | "held";
      effective: boolean;
      reason: string;
    };
    query: object;
    body: {
      sample_rate?: number;
      capture?: "full" | "metadata";
      when_unavailable?: "last_known" | "skip" | "trace";
      production?: boolean;
      daily_budget_usd?: string | null;
      run_cost_usd?: string | null;
      time_zone?: string;
      schedule?: readonly {
        days: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
        from: string;
        to: string;
      }[];
      reason?: string | null;
    };
  };
  "PUT /api/v1/projects/{id}/lock": {
    answer: {
      lock: { reason: string; locked_at: string | null } | null;
      version: number;
      propagation: "live" | "pending" | "held";
      effective: boolean;
      reason: string;
    };
    query: object;
    body: { reason: string };
  };
  "DELETE /api/v1/projects/{id}/lock": {
    answer: {
      lock: { reason: string; locked_at: string | null } | null;
      version: number;
      propagation: "live" | "pending" | "held";
      effective: boolean;
      reason: string;
    };
    query: object;
    body: { reason?: string | null };
  };
  "GET /api/v1/projects/{id}/users": {
    answer: {
      users: readonly {
        user: string;
        trace: boolean;
        reason: string | null;
        created_at: string;
        expires_at: string | null;
      }[];
      next_cursor: string | null;
    };
    query: { limit?: string; cursor?: string; search?: string };
    body: undefined;
  };
  "PUT /api/v1/projects/{id}/users/{user}": {
    answer: {
      user: string;
      trace: boolean;
      reason: string | null;
      created_at: string;
      expires_at: string | null;
      version: number;
      propagation: "live" | "pending" | "held";
    };
    query: object;
    body: { trace: boolean; reason?: string | null; expires_at?: string | null };
  };
  "DELETE /api/v1/projects/{id}/users/{user}": {
    answer: { version: number; propagation: "live" | "pending" | "held" };
    query: object;
    body: { reason?: string | null };
  };
  "GET /api/v1/projects/{id}/decision": {
    answer: {
      trace: boolean | null;
      reason: string;
      rule: string;
      overrode: readonly string[];
      at: string;
      capture: "full" | "metadata";
      sample_rate: number;
      version: number;
      next_change: { at: string; trace: boolean | null; reason: string } | null;
    };
    query: { user?: string; session?: string; trace?: string; at?: string };
    body: undefined;
  };
  "POST /api/v1/projects/{id}/usage": {
    answer: { accepted: true; duplicate?: true };
    query: object;
    body: {
      batch_id: string;
      instance: string;
      period_start: string;
      period_end: string;
      counts: Record<string, number>;
      cost_micros?: number;
      policy_version?: number | null;
      sdk: { version: string; runtime: string };
    };
  };
  "GET /api/v1/projects/{id}/status": {
    answer: {
      status: "active" | "silent" | "off";
      reason: string;
      version: number;
      last_report_at: string | null;
      instances: {
        count: number;
        current: number;
        newest: readonly {
          instance: string;
          sdk: { version: string; runtime: string };
          policy_version: number | null;
          first_seen_at: string;
          last_report_at: string;
        }[];
      };
      last_change: {
        version: number;
        action: string;
        at: string;
        live_after_ms: number | null;
        seen_by: number;
        of: number;
        slowest_ms: number | null;
      } | null;
    };
    query: object;
    body: undefined;
  };
  "GET /api/v1/projects/{id}/metrics": {
    answer: {
      from: string;
      to: string;
      step: "minute" | "hour" | "day";
      total: {
        traced: number;
        skipped: number;
        undetermined: number;
        fail_opens: number;
        reasons: Record<string, number>;
        cost_usd: string;
      };
      savings: { usd: string; run_cost_usd: string; basis: "configured" | "reported" } | null;
      propagation: { p50_ms: number | null; p99_ms: number | null; sightings: number };
      buckets: readonly {
        at: string;
        traced: number;
        skipped: number;
        undetermined: number;
        fail_opens: number;
        reasons: Record<string, number>;
        cost_usd: string;
      }[];
      events: readonly {
        id: string;
        at: string;
        action: string;
        actor: { id: string; name: string; via: "api" | "page" | "rule" };
        reason: string | null;
        version: number | null;
        live_after_ms: number | null;
      }[];
      has_more_events: boolean;
    };
    query: { from?: string; to?: string; step?: "minute" | "hour" | "day" };
    body: undefined;
  };
  "GET /k/{secret}/sampling": {
    answer: { strategyType: "PROBABILISTIC"; probabilisticSampling: { samplingRate: number } };
    query: { service: string };
    body: undefined;
  };
  "POST /ofrep/v1/evaluate/flags/{flag}": {
    answer: {
      key: "tracing";
      value: boolean;
      reason: "STATIC" | "TARGETING_MATCH" | "SPLIT" | "DISABLED";
      variant: "on" | "off";
      metadata: { reason: string; version?: number; capture?: "full" | "metadata"; sampleRate?: number };
    };
    query: object;
    body: {
      context?: {
        targetingKey?: string | number | null;
        userId?: string | number | null;
        sessionId?: string | number | null;
        traceId?: string | number | null;
        projectId?: string | null;
      };
    };
  };
  "GET /api/v1/projects/{id}/events": {
    answer: {
      events: readonly {
        id: string;
        project_id: string | null;
        action: string;
        actor: { id: string; name: string; via: "api" | "page" | "rule" };
        reason: string | null;
        version: number | null;
        before: Record<string, unknown> | null;
        after: Record<string, unknown> | null;
        created_at: string;
        live_after_ms: number | null;
      }[];
      next_cursor: string | null;
    };
    query: { limit?: string; cursor?: string; actor?: string; action?: string; since?: string; until?: string };
    body: undefined;
  };
  "GET /api/v1/events": {
    answer: {
      events: readonly {
        id: string;
        project_id: string | null;
        action: string;
        actor: { id: string; name: string; via: "api" | "page" | "rule" };
        reason: string | null;
        version: number | null;
        before: Record<string, unknown> | null;
        after: Record<string, unknown> | null;
        created_at: string;
        live_after_ms: number | null;
      }[];
      next_cursor: string | null;
    };
    query: { limit?: string; cursor?: string; actor?: string; action?: string; since?: string; until?: string };
    body: undefined;
  };
  "GET /api/v1/keys": {
    answer: {
      keys: readonly {
        id: string;
        prefix: string;
        last_four: string;
        name: string;
        scopes: readonly ("admin" | "write" | "read" | "report")[];
        project_id: string | null;
        created_at: string;
        expires_at: string | null;
        last_used_at: string | null;
        revoked_at: string | null;
      }[];
      next_cursor: string | null;
    };
    query: { limit?: string; cursor?: string; include?: "revoked" };
    body: undefined;
  };
  "POST /api/v1/keys": {
    answer: {
      id: string;
      prefix: string;
      last_four: string;
      name: string;
      scopes: readonly ("admin" | "write" | "read" | "report")[];
      project_id: string | null;
      created_at: string;
      expires_at: string | null;
      last_used_at: string | null;
      revoked_at: string | null;
      key: string;
    };
    query: object;
    body: {
      name: string;
      scopes: readonly ("admin" | "write" | "read" | "report")[];
      project_id?: string | null;
      expires_at?: string | null;
      reason?: string | null;
    };
  };
  "POST /api/v1/keys/{key}/rotate": {
    answer: {
      id: string;
      prefix: string;
      last_four: string;
      name: string;
      scopes: readonly ("admin" | "write" | "read" | "report")[];
      project_id: string | null;
      created_at: string;
      expires_at: string | null;
      last_used_at: string | null;
      revoked_at: string | null;
      key: string;
      replaces: { id: string; expires_at: string };
    };
    query: object;
    body: { expires_in?: number; reason?: string | null };
  };
  "DELETE /api/v1/keys/{key}": { answer: undefined; query: object; body: { reason?: string | null } };
  "GET /api/v1/session": {
    answer:
      | {
          key: { id: string; name: string };
          scopes: readonly ("admin" | "write" | "read" | "report")[];
          project_id: string | null;
          expires_at: string;
        }
      | undefined;
    query: object;
    body: undefined;
  };
  "POST /api/v1/session": {
    answer: {
      key: { id: string; name: string };
      scopes: readonly ("admin" | "write" | "read" | "report")[];
      project_id: string | null;
      expires_at: string;
    };
    query: object;
    body: { key: string };
  };
  "DELETE /api/v1/session": { answer: undefined; query: object; body: undefined };
  "GET /healthz": { answer: { status: "ok" }; query: object; body: undefined };
  "GET /readyz": {
    answer: { status: "ok" | "unavailable"; postgres: "ok" | "unavailable"; redis: "ok" | "unavailable" };
    query: object;
    body: undefined;
  };
}
