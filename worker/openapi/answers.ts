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
    v.record(v.string(), v.array(v.union([v.boolean(), v.number(), v.null_()]))),
    v.description("By user id: [traced, until in epoch ms or null]"),
  ),
  transitions: v.pipe(
    v.array(v.array(v.union([v.number(), v.boolean(), v.string()]))),
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

const logged = v.nullable(v.record(v.string(), v.unknown()));
export const event = v.strictObject({
  id: v.string(),
  project_id: v.pipe(v.nullable(uuid), v.description("null for a key that is for all projects")),
  action: v.string(),
  actor: v.strictObject({ id: v.string(), name: v.string(), via: v.picklist(["api", "page", "rule"]) }),
  reason: v.nullable(v.string()),
  version: v.nullable(version),
  before: logged,
  after: logged,
  created_at: time,
  live_after_ms: v.pipe(v.nullable(v.number()), v.description("How long until Redis had it; null while it has not")),
});
export const events = v.strictObject({ events: v.array(event), next_cursor: nextCursor });

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
};
const secret = v.pipe(v.string(), v.description("The key itself. It is shown once: keep it"));
export const keys = v.strictObject({ keys: v.array(v.strictObject(key)), next_cursor: nextCursor });
export const keyCreated = v.strictObject({ ...key, key: secret });
export const keyRotated = v.strictObject({
  ...key,
  key: secret,
  replaces: v.strictObject({ id: v.string(), expires_at: time }),
});

  request_id: v.string(),
});
