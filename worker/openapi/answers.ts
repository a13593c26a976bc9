// What the API answers, as its description shows it; tests hold the answers to it.
import * as v from "valibot";
import { SCOPES } from "../domain/api-key.ts";
import { WEEKDAYS } from "../domain/schedule.ts";

const time = v.pipe(v.string(), v.isoTimestamp(), v.description("RFC 3339, UTC"));
const dollars = v.pipe(
  v.string(),
  v.regex(/^\d+\.\d{2,6}$/),
  v.description("Dollars as a decimal string"),
  v.examples(["100.00"]),
);
const uuid = v.pipe(v.string(), v.uuid());
const version = v.pipe(v.number(), v.integer(), v.description("The instant of the last change, in epoch ms"));
const nextCursor = v.pipe(
  v.nullable(v.string()),
  v.description("Give it as `cursor` for the next page; null on the last"),
);

const reason = v.pipe(
  v.string(),
  v.description(
    "The rule that decides: `enabled`, `disabled`, `locked`, `override`, `budget`, `schedule`, `break_glass`",
  ),
);
const propagation = v.pipe(
  v.picklist(["live", "pending", "held"]),
  v.description(
    "`live`: in Redis. `pending`: Redis was not reached, the cron writes it. `held`: a break-glass in Redis holds.",
  ),
);
const override = v.pipe(
  v.nullable(v.strictObject({ trace: v.boolean(), until: time })),
  v.description("The temporary override in force"),
);
const lock = v.pipe(
  v.nullable(v.strictObject({ reason: v.string(), locked_at: v.nullable(time) })),
  v.description("Why an admin locked the project off"),
);
const effective = v.pipe(v.boolean(), v.description("What follows from all the rules at this moment"));
const changed = { version, propagation, effective, reason };

export const project = v.strictObject({
  id: uuid,
  name: v.string(),
  tracing_enabled: v.pipe(v.boolean(), v.description("The switch")),
  effective,
  reason,
  production: v.pipe(v.boolean(), v.description("Changes need a reason")),
  override,
  lock,
  version,
  created_at: time,
  updated_at: time,
});

export const projects = v.strictObject({ projects: v.array(project), next_cursor: nextCursor });

export const tracingChanged = v.strictObject({
  status: v.literal("ok"),
  tracing_enabled: v.pipe(v.boolean(), v.description("The switch")),
  message: v.string(),
  ...changed,
  override,
  before: v.pipe(
    v.strictObject({
      tracing_enabled: v.boolean(),
      override,
      break_glass: v.pipe(
        v.nullable(v.boolean()),
        v.description(
          "A break-glass was in Redis: lifted by this change, or still there when `propagation` is `held`. null: not known",
        ),
      ),
    }),
    v.description("What the change found, whoever had made it: what an undo has to set again"),
  ),
});

export const policyDocument = v.looseObject({
  version,
  enabled: v.boolean(),
  reason: v.string(),
  sample_rate: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  capture: v.picklist(["full", "metadata"]),
  when_unavailable: v.picklist(["last_known", "skip", "trace"]),
  until: v.optional(v.pipe(v.number(), v.description("Epoch ms; past it a reader asks again"))),
  overrides: v.pipe(
    v.record(v.string(), v.tuple([v.boolean(), v.nullable(v.number())])),
    v.description("By user id: [traced, until in epoch ms or null]"),
  ),
  transitions: v.pipe(
    v.array(v.tuple([v.number(), v.boolean(), v.string()])),
    v.description("The coming changes: [epoch ms, state from then on, its reason]"),
  ),
});

export const tracing = v.strictObject({
  effective,
  reason,
  enabled: v.optional(
    v.pipe(
      v.nullable(v.boolean()),
      v.description("The one key as read; null when missing; absent when Redis was not read"),
    ),
  ),
  policy: v.nullable(policyDocument),
  source: v.picklist(["redis", "postgres"]),
  version: v.nullable(version),
});

const ruleFields = {
  sample_rate: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  capture: v.picklist(["full", "metadata"]),
  when_unavailable: v.picklist(["last_known", "skip", "trace"]),
  production: v.boolean(),
  daily_budget_usd: v.nullable(dollars),
  run_cost_usd: v.pipe(
    v.nullable(dollars),
    v.description("What a traced run costs; null: the mean of what is reported"),
  ),
  time_zone: v.string(),
  schedule: v.array(v.strictObject({ days: v.array(v.picklist(WEEKDAYS)), from: v.string(), to: v.string() })),
};

export const rules = v.strictObject({ ...ruleFields, spent_today_usd: dollars, override, lock, version });
export const rulesChanged = v.strictObject({ ...ruleFields, ...changed });
export const lockChanged = v.strictObject({ lock, ...changed });

const user = {
  user: v.string(),
  trace: v.boolean(),
  reason: v.nullable(v.string()),
  created_at: time,
  expires_at: v.nullable(time),
};
export const users = v.strictObject({ users: v.array(v.strictObject(user)), next_cursor: nextCursor });
export const userChanged = v.strictObject({ ...user, version, propagation });
export const userRevoked = v.strictObject({ version, propagation });

const trace = v.pipe(v.nullable(v.boolean()), v.description("null: by chance, for a request without any id"));
export const decision = v.strictObject({
  trace,
  reason: v.string(),
  rule: v.pipe(v.string(), v.description("The reason, or `override` where a temporary override keeps the project on")),
  overrode: v.pipe(v.array(v.string()), v.description("The rules that would have decided without it, highest first")),
  at: time,
  capture: v.picklist(["full", "metadata"]),
  sample_rate: v.number(),
  version,
  next_change: v.nullable(v.strictObject({ at: time, trace, reason: v.string() })),
});

export const usageAccepted = v.strictObject({
  accepted: v.literal(true),
  duplicate: v.optional(v.pipe(v.literal(true), v.description("The batch was counted before"))),
});

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
export const samplingStrategy = v.strictObject({
  strategyType: v.literal("PROBABILISTIC"),
  probabilisticSampling: v.strictObject({ samplingRate: share }),
});

export const evaluation = v.strictObject({
  key: v.literal("tracing"),
  value: v.pipe(v.boolean(), v.description("Whether the request is traced")),
  reason: v.picklist(["STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED"]),
  variant: v.picklist(["on", "off"]),
  metadata: v.strictObject({
    reason: v.pipe(v.string(), v.description("The rule that decided")),
    version: v.optional(version),
    capture: v.optional(v.picklist(["full", "metadata"])),
    sampleRate: v.optional(share),
  }),
});

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const actor = v.strictObject({ id: v.string(), name: v.string(), via: v.picklist(["api", "page", "rule"]) });
const liveAfter = v.pipe(
  v.nullable(v.number()),
  v.description("How long until Redis had it, in milliseconds; null while it has not"),
);

const tally = {
  traced: count,
  skipped: count,
  undetermined: v.pipe(count, v.description("Those whose reason does not say whether they were traced")),
  fail_opens: v.pipe(
    count,
    v.description("Those of the undetermined that no policy made: `unavailable`, `unknown_project`, `pending`"),
  ),
  reasons: v.pipe(v.record(v.string(), count), v.description("Decisions by reason")),
  cost_usd: dollars,
};
export const metrics = v.strictObject({
  from: time,
  to: time,
  step: v.picklist(["minute", "hour", "day"]),
  total: v.strictObject(tally),
  savings: v.pipe(
    v.nullable(v.strictObject({ usd: dollars, run_cost_usd: dollars, basis: v.picklist(["configured", "reported"]) })),
    v.description("What the skipped requests would have cost; null when nobody knows what a traced run costs"),
  ),
  propagation: v.pipe(
    v.strictObject({ p50_ms: v.nullable(milliseconds), p99_ms: v.nullable(milliseconds), sightings: count }),
    v.description("How long until processes that were running held the changes of the time; kept for 31 days"),
  ),
  buckets: v.array(v.strictObject({ at: time, ...tally })),
  events: v.pipe(
    v.array(
      v.strictObject({
        id: v.string(),
        at: time,
        action: v.string(),
        actor,
        reason: v.nullable(v.string()),
        version: v.nullable(version),
        live_after_ms: liveAfter,
      }),
    ),
    v.description("The changes, oldest first; the newest 500"),
  ),
  has_more_events: v.boolean(),
});

export const status = v.strictObject({
  status: v.pipe(
    v.picklist(["active", "silent", "off"]),
    v.description("`active`: on, and a report is younger than 30 s. `silent`: on, and none is."),
  ),
  reason,
  version,
  last_report_at: v.pipe(v.nullable(time), v.description("null: none in the last day")),
  instances: v.strictObject({
    count: v.pipe(count, v.description("Processes that reported in the last 10 minutes")),
    current: v.pipe(count, v.description("Those of them that hold the current version")),
    newest: v.pipe(
      v.array(
        v.strictObject({
          instance: v.string(),
          sdk: v.strictObject({ version: v.string(), runtime: v.string() }),
          policy_version: v.nullable(count),
          first_seen_at: time,
          last_report_at: time,
        }),
      ),
      v.description("The 100 that reported last"),
    ),
  }),
  last_change: v.nullable(
    v.strictObject({
      version,
      action: v.string(),
      at: time,
      live_after_ms: liveAfter,
      seen_by: count,
      of: count,
      slowest_ms: v.pipe(
        v.nullable(milliseconds),
        v.description("How long the slowest took that was running when the change was made; null while none has it"),
      ),
    }),
  ),
});

const logged = v.nullable(v.record(v.string(), v.unknown()));
export const event = v.strictObject({
  id: v.string(),
  project_id: v.pipe(v.nullable(uuid), v.description("null for a key that is for all projects")),
  action: v.string(),
  actor,
  reason: v.nullable(v.string()),
  version: v.nullable(version),
  before: logged,
  after: logged,
  created_at: time,
  live_after_ms: liveAfter,
});
export const events = v.strictObject({ events: v.array(event), next_cursor: nextCursor });

const scopes = v.array(v.picklist(SCOPES));
const key = {
  id: v.pipe(v.string(), v.description("The public part of the key")),
  prefix: v.string(),
  last_four: v.string(),
  name: v.string(),
  scopes,
  project_id: v.pipe(v.nullable(uuid), v.description("Its only project; null for all")),
  created_at: time,
  expires_at: v.nullable(time),
  last_used_at: v.pipe(v.nullable(time), v.description("To the minute")),
  revoked_at: v.nullable(time),
};
const secret = v.pipe(v.string(), v.description("The key itself. It is shown once: keep it"));
export const keys = v.strictObject({ keys: v.array(v.strictObject(key)), next_cursor: nextCursor });
export const keyCreated = v.strictObject({ ...key, key: secret });
export const keyRotated = v.strictObject({
  ...key,
  key: secret,
  replaces: v.strictObject({ id: v.string(), expires_at: time }),
});

export const session = v.strictObject({
  key: v.strictObject({ id: v.string(), name: v.string() }),
  scopes,
  project_id: v.nullable(uuid),
  expires_at: time,
});

const ok = v.picklist(["ok", "unavailable"]);
export const alive = v.strictObject({ status: v.literal("ok") });
export const ready = v.strictObject({ status: ok, postgres: ok, redis: ok });

/** RFC 9457. */
export const problem = v.strictObject({
  type: v.string(),
  title: v.string(),
  status: v.pipe(v.number(), v.integer()),
  code: v.pipe(v.string(), v.description("Stable; programs go by it")),
  detail: v.pipe(v.string(), v.description("What is wrong with this request, and the remedy")),
  errors: v.optional(
    v.pipe(
      v.array(v.strictObject({ field: v.string(), message: v.string() })),
      v.description("Each wrong field by its path"),
    ),
  ),
  request_id: v.string(),
});

/** A problem as OFREP's clients read it. */
export const evaluationFailure = v.strictObject({
  ...problem.entries,
  key: v.optional(v.string()),
  errorCode: v.optional(v.picklist(["PARSE_ERROR", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"])),
  errorDetails: v.optional(v.pipe(v.string(), v.description("As in `detail`"))),
});
