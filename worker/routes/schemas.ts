import * as v from "valibot";
import type { UsageReport } from "../../sdk/src/wire.ts";
import { SCOPES } from "../domain/api-key.ts";
import { DOLLARS, microsOf } from "../domain/money.ts";
import { WEEKDAYS } from "../domain/schedule.ts";
import { zoneNamed } from "../domain/zone.ts";

const NAME_LENGTH = 100;
const KEY_ID = /^[0-9A-Za-z]{12}$/;
const REASON_LENGTH = 500;

const uuid = v.pipe(v.string("must be a string"), v.uuid("must be a UUID"), v.toLowerCase());
const wrongField = (issue: { expected: string | null }) =>
  issue.expected === "never" ? "is not known here" : "is required";

// PostgreSQL cannot store the character NUL in a text.
const text = (longest: number) =>
  v.pipe(
    v.string("must be a string"),
    v.trim(),
    v.minLength(1, "must not be empty"),
    v.maxLength(longest, `must be ${longest} characters at most`),
    v.check((value) => !value.includes("\0") && value.isWellFormed(), "must be valid Unicode text without NUL"),
  );

const reason = v.optional(v.nullable(v.pipe(text(REASON_LENGTH), v.description("Why, for the audit log"))));
const onOff = v.boolean("must be true or false");

/** `{name, id?, tracing_enabled?, reason?}`: a new project. */
export const createProjectBody = v.strictObject(
  { name: text(NAME_LENGTH), id: v.optional(uuid), tracing_enabled: v.optional(onOff), reason },
  wrongField,
);

/** `{name, reason?}`: what can be changed of a project. */
export const renameProjectBody = v.strictObject({ name: text(NAME_LENGTH), reason }, wrongField);

const whole = (least: number, most: number, of = "") => {
  const message = `must be a whole number from ${least} to ${most}${of}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
};

/** `{tracing_enabled, reason?, duration_seconds?, lift_break_glass?}`: the switch, or the project for a while. */
export const setTracingBody = v.strictObject(
  {
    tracing_enabled: onOff,
    reason,
    duration_seconds: v.optional(whole(60, 604_800, " (seconds, up to 7 days)")),
    lift_break_glass: v.optional(
      v.pipe(
        onOff,
        v.description(
          "Whether a break-glass is lifted, an emergency stop set by hand in Redis. `false`: it stays, and the answer says `held`. Left out, it is lifted, but not with `If-Match`: no version tells of one",
        ),
      ),
    ),
  },
  wrongField,
);

const oneOf = <const T extends readonly string[]>(values: T) => v.picklist(values, `must be ${listed(values)}`);
const listed = (values: readonly string[]) => `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;

const FROM = /^([01]\d|2[0-3]):[0-5]\d$/;
const TO = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const WINDOWS = 21;

const quietWindow = v.strictObject(
  {
    days: v.pipe(
      v.array(oneOf(WEEKDAYS), 'must be a list of days, such as ["mon","tue"]'),
      v.minLength(1, "must name a day at least"),
      v.check((days) => new Set(days).size === days.length, "must name each day once"),
    ),
    from: v.pipe(v.string("must be a time, such as 22:00"), v.regex(FROM, "must be a time from 00:00 to 23:59")),
    to: v.pipe(v.string("must be a time, such as 06:00"), v.regex(TO, "must be a time from 00:00 to 24:00")),
  },
  wrongField,
);

/** Money as micro-dollars; `null` clears it. */
const dollars = (example: string, tooLittle: string) =>
  v.optional(
    v.nullable(
      v.pipe(
        v.string(`must be a decimal string, such as "${example}", or null`),
        v.regex(DOLLARS, `must be dollars as a decimal string, such as "${example}"`),
        v.transform(microsOf),
        v.minValue(1, tooLittle),
      ),
    ),
  );

/** The rules; only those given change. `null` clears the budget, and what a run costs. */
export const rulesBody = v.strictObject(
  {
    sample_rate: v.optional(
      v.pipe(
        v.number("must be a number from 0 to 1"),
        v.minValue(0, "must be a number from 0 to 1"),
        v.maxValue(1, "must be a number from 0 to 1"),
      ),
    ),
    capture: v.optional(oneOf(["full", "metadata"])),
    when_unavailable: v.optional(oneOf(["last_known", "skip", "trace"])),
    production: v.optional(onOff),
    daily_budget_usd: dollars("100.00", "must be more than 0; to trace nothing, switch tracing off"),
    run_cost_usd: dollars("0.0125", "must be more than 0"),
    time_zone: v.optional(
      v.pipe(
        v.string("must be the name of a time zone"),
        v.check((name) => zoneNamed(name) !== undefined, "must be an IANA time zone, such as Europe/Zurich"),
        v.transform((name) => zoneNamed(name) as string),
      ),
    ),
    schedule: v.optional(
      v.pipe(
        v.array(quietWindow, "must be a list of windows; [] clears it"),
        v.maxLength(WINDOWS, `must have ${WINDOWS} windows at most`),
      ),
    ),
    reason,
  },
  wrongField,
);

/** `{reason}`: why a project is locked. */
export const lockBody = v.strictObject({ reason: text(REASON_LENGTH) }, wrongField);

/** `{reason?}`: why something is removed. */
export const reasonBody = v.strictObject({ reason }, wrongField);

/** An RFC 3339 instant. */
const instant = v.pipe(
  v.string("must be a time"),
  v.regex(
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/,
    "must be a time with its offset (RFC 3339), such as 2026-12-01T00:00:00Z",
  ),
  v.check((value) => !Number.isNaN(Date.parse(value)), "must be a time that exists"),
  v.transform((value) => new Date(value)),
);

/** `{trace, reason?, expires_at?}`: a user override. */
export const userOverrideBody = v.strictObject(
  { trace: onOff, reason, expires_at: v.optional(v.nullable(instant)) },
  wrongField,
);

const USER_ID_BYTES = 128;

/** A user's id in a path or a query. */
export const userId = v.pipe(
  v.string(),
  v.minLength(1, "must not be empty"),
  v.check(
    (id) => new TextEncoder().encode(id).length <= USER_ID_BYTES,
    `must be ${USER_ID_BYTES} bytes of UTF-8 at most`,
  ),
  v.check((id) => !id.includes("\0") && id.isWellFormed(), "must be valid Unicode text without NUL"),
);

const count = whole(0, Number.MAX_SAFE_INTEGER);

/** A usage report: {@link UsageReport}. */
export const usageBody = v.strictObject(
  {
    batch_id: uuid,
    instance: text(NAME_LENGTH),
    period_start: instant,
    period_end: instant,
    counts: v.pipe(
      v.record(v.pipe(v.string(), v.regex(/^[a-z_]{1,40}$/, "must be a reason")), count, "must be counts by reason"),
      v.check((counts) => Object.keys(counts).length <= 64, "must have 64 reasons at most"),
    ),
    cost_micros: v.optional(count, 0),
    policy_version: v.optional(v.nullable(count), null),
    sdk: v.strictObject({ version: text(NAME_LENGTH), runtime: text(NAME_LENGTH) }, wrongField),
  } satisfies Record<keyof UsageReport, unknown>,
  wrongField,
);

/** `{key}`: a sign-in. */
export const signInBody = v.strictObject({ key: v.pipe(v.string("must be a string"), v.trim()) }, wrongField);

const limit = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^\d{1,3}$/, "must be a whole number from 1 to 100"),
    v.transform(Number),
    v.minValue(1, "must be a whole number from 1 to 100"),
    v.maxValue(100, "must be a whole number from 1 to 100"),
  ),
  "50",
);

/** `?limit=&cursor=&search=` of the project list. */
export const projectsQuery = v.strictObject(
  {
    limit,
    cursor: v.optional(uuid),
    search: v.optional(
      v.pipe(
        text(NAME_LENGTH),
        v.description("Part of a name, or what an id begins with; capitals do not count. No wildcards"),
      ),
    ),
  },
  wrongField,
);

const eventFilter = {
  cursor: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,15}$/, "must be a next_cursor of this list"), v.transform(Number)),
  ),
  actor: v.optional(text(NAME_LENGTH)),
  action: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^[a-z_]{1,40}(\.[a-z_]{1,40})?$/,
        "must be an action, such as tracing.disabled, or what stands before its dot",
      ),
    ),
  ),
  since: v.optional(instant),
  until: v.optional(instant),
};

/** `?limit=&cursor=&actor=&action=&since=&until=` of the audit log. */
export const eventsQuery = v.strictObject({ limit, ...eventFilter }, wrongField);

/** The same of its export, which has no pages. */
export const eventsExportQuery = v.strictObject(eventFilter, wrongField);

/** `?limit=&cursor=&search=` of the user overrides. */
export const usersQuery = v.strictObject(
  { limit, cursor: v.optional(userId), search: v.optional(v.pipe(userId, v.trim())) },
  wrongField,
);

/** `?limit=&cursor=&include=` of the keys. */
export const keysQuery = v.strictObject(
  {
    limit,
    cursor: v.optional(v.pipe(v.string(), v.regex(KEY_ID, "must be a next_cursor of this list"))),
    include: v.optional(
      v.pipe(v.picklist(["revoked"], "must be revoked"), v.description("`revoked`: also those that were revoked")),
    ),
  },
  wrongField,
);

/** A key's id in a path. */
export const keyId = v.pipe(v.string(), v.regex(KEY_ID, "must be the id of a key, as the list of keys shows it"));

/** `{name, scopes, project_id?, expires_at?, reason?}`: a new key. */
export const createKeyBody = v.strictObject(
  {
    name: text(NAME_LENGTH),
    scopes: v.pipe(
      v.array(oneOf(SCOPES), 'must be a list of scopes, such as ["write","report"]'),
      v.minLength(1, "must name a scope at least"),
      v.check((scopes) => new Set(scopes).size === scopes.length, "must name each scope once"),
    ),
    project_id: v.optional(v.nullable(uuid)),
    expires_at: v.optional(v.nullable(instant)),
    reason,
  },
  wrongField,
);

/** `{expires_in?, reason?}`: how long the key that is rotated stays good, in seconds. */
export const rotateKeyBody = v.strictObject(
  { expires_in: v.optional(whole(0, 2_592_000, " (seconds, up to 30 days)"), 86_400), reason },
  wrongField,
);

/** `?from=&to=&step=`: what stretch of time the metrics are of, and how wide their buckets are. */
export const metricsQuery = v.strictObject(
  {
    from: v.optional(
      v.pipe(instant, v.description("A day before `to`; an hour with `step=minute`, 30 days with `step=day`")),
    ),
    to: v.optional(v.pipe(instant, v.description("Now, which is also the latest"))),
    step: v.optional(v.picklist(["minute", "hour", "day"], "must be minute, hour or day"), "hour"),
  },
  wrongField,
);

const requestId = v.optional(v.pipe(v.string(), v.maxLength(1_000, "must be 1000 characters at most")));

/** `?user=&session=&trace=&at=`: whose request is explained, and when it is made. */
export const decisionQuery = v.strictObject(
  {
    user: requestId,
    session: requestId,
    trace: requestId,
    at: v.optional(instant),
  },
  wrongField,
);

/** `?service=` of Jaeger remote sampling. */
export const samplingQuery = v.strictObject(
  {
    service: v.pipe(uuid, v.description("The project's id, which is what its clients are given as their service name")),
  },
  wrongField,
);

const subjectId = v.optional(v.nullable(v.union([v.string(), v.number()], "must be a string or a number")));

/** An evaluation request of OFREP. Its context may have fields of the caller's own. */
export const evaluationBody = v.looseObject({
  context: v.optional(
    v.looseObject(
      {
        targetingKey: v.optional(v.pipe(subjectId, v.description("The user, unless there is a `userId`"))),
        userId: subjectId,
        sessionId: subjectId,
        traceId: subjectId,
        projectId: v.optional(v.nullable(v.pipe(uuid, v.description("The key's project, unless the key is for all")))),
      },
      "must be an object",
    ),
    {},
  ),
});
