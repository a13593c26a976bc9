import { getTableColumns, sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Capture, WhenUnavailable } from "../../sdk/src/wire.ts";
import type { QuietWindow } from "../domain/schedule.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const version = (name: string) => bigint(name, { mode: "number" });
/** Money: millionths of a dollar. */
const micros = (name: string) => bigint(name, { mode: "number" });

type MayBeOffColumns = Record<
  "tracingEnabled" | "deletedAt" | "lockReason" | "overrideTrace" | "budgetSpentOn" | "schedule",
  AnyPgColumn
>;

/** Which projects may be off at some instant: whether they are, the Worker says, by its clock and calendar. */
export const mayBeOff = (table: MayBeOffColumns) => sql`
  not ${table.tracingEnabled} or ${table.deletedAt} is not null or ${table.lockReason} is not null
  or not ${table.overrideTrace} or ${table.budgetSpentOn} is not null or ${table.schedule} <> '[]'`;

/** Versions are instants: at least one more than the last, and at least the database's clock in epoch ms. */
export const projects = pgTable(
  "projects",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull(),
    tracingEnabled: boolean("tracing_enabled").notNull().default(true),
    version: version("version").notNull().default(sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`),
    /** The newest version known to have reached Redis; a smaller one than `version` waits for the cron. */
    publishedVersion: version("published_version").notNull().default(0),
    /** When the project's keys in Redis want to be written again; null when they need not be. */
    nextPublishAt: instant("next_publish_at"),
    createdAt: instant("created_at").notNull().defaultNow(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    /** Share of the users that is traced, 0 to 1. */
    sampleRate: doublePrecision("sample_rate").notNull().default(1),
    capture: text("capture").$type<Capture>().notNull().default("full"),
    whenUnavailable: text("when_unavailable").$type<WhenUnavailable>().notNull().default("last_known"),
    /** Changes need a reason. */
    production: boolean("production").notNull().default(false),
    /** IANA name: of the schedule, and of the days of the budget. */
    timeZone: text("time_zone").notNull().default("UTC"),
    schedule: jsonb("schedule").$type<QuietWindow[]>().notNull().default([]),
    dailyBudgetMicros: micros("daily_budget_micros"),
    /** The local date whose reported cost has reached the budget. */
    budgetSpentOn: date("budget_spent_on", { mode: "string" }),
    /** The temporary override of the project: what it says, in force before that instant; both or neither. */
    overrideTrace: boolean("override_trace"),
    overrideUntil: instant("override_until"),
    /** Why an admin locked the project off; null when it is not locked. */
    lockReason: text("lock_reason"),
    lockedAt: instant("locked_at"),
    /** What a traced run costs, for the savings; null to take the mean of what was reported. */
    runCostMicros: micros("run_cost_micros"),
    /** A deleted project stays as a tombstone, so that its id answers 410 and stays off. */
    deletedAt: instant("deleted_at"),
  },
  (table) => [
    index("projects_tracing_enabled").on(table.tracingEnabled),
    index("projects_next_publish_at").on(table.nextPublishAt),
    index("projects_unpublished").on(table.id).where(sql`${table.version} > ${table.publishedVersion}`),
    /** Those that may be off at some instant. */
    index("projects_may_be_off").on(table.id).where(mayBeOff(table)),
  ],
);

/** Users who are always or never traced, whatever the project's rules say. */
export const userOverrides = pgTable(
  "user_overrides",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    userId: text("user_id").notNull(),
    trace: boolean("trace").notNull(),
    reason: text("reason"),
    createdAt: instant("created_at").notNull(),
    /** In force before that instant; null for ever. */
    expiresAt: instant("expires_at"),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.userId] }),
    index("user_overrides_expires_at").on(table.expiresAt),
  ],
);

/** What traces cost, by the local date on which it was reported to have ended. */
export const dailyCosts = pgTable(
  "daily_costs",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    date: date("date", { mode: "string" }).notNull(),
    micros: micros("micros").notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.date] })],
);

/** The usage reports that were counted lately: one that comes again does not count again. */
export const usageBatches = pgTable(
  "usage_batches",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    batchId: uuid("batch_id").notNull(),
    receivedAt: instant("received_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.batchId] }),
    index("usage_batches_received_at").on(table.receivedAt),
  ],
);

export const apiKeys = pgTable("api_keys", {
  id: uuid("id").primaryKey().defaultRandom(),
  /** The public part of the key, by which it is found. */
  selector: text("selector").notNull().unique(),
  /** SHA-256 of the whole key, in hex. The key itself is nowhere. */
  hash: text("hash").notNull(),
  lastFour: text("last_four").notNull(),
  name: text("name").notNull(),
  scopes: text("scopes").array().notNull(),
  /** The only project the key is good for; null for all. */
  projectId: uuid("project_id").references(() => projects.id),
  createdAt: instant("created_at").notNull().defaultNow(),
  expiresAt: instant("expires_at"),
  revokedAt: instant("revoked_at"),
  /** To the minute. */
  lastUsedAt: instant("last_used_at"),
});

/** Answers to requests that came with an `Idempotency-Key`, for when they come again. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    /** The actor's id: a key is its own. */
    actorId: text("actor_id").notNull(),
    key: text("key").notNull(),
    /** SHA-256 of method, path and body, in hex. */
    requestHash: text("request_hash").notNull(),
    /** Null while the first request is under way. */
    status: integer("status"),
    body: text("body"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.actorId, table.key] }),
    index("idempotency_keys_created_at").on(table.createdAt),
  ],
);

/** Sign-ins of the settings page. */
export const sessions = pgTable(
  "sessions",
  {
    /** SHA-256 of the cookie's value, in hex. */
    hash: text("hash").primaryKey(),
    keyId: uuid("key_id")
      .notNull()
      .references(() => apiKeys.id, { onDelete: "cascade" }),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [index("sessions_expires_at").on(table.expiresAt)],
);

/** The cron forgets many minutes in each of its runs, and finds them together. */
const oldestOfAll = (unit: "hour" | "minute", name: string, at: AnyPgColumn) =>
  unit === "minute" ? [index(`${name}_minutes_minute`).on(at)] : [];

/** Decisions that were reported, by the hour or minute (UTC) in which their period ended, and by reason. */
const usageBy = (unit: "hour" | "minute") =>
  pgTable(
    `usage_${unit}s`,
    {
      projectId: uuid("project_id")
        .notNull()
        .references(() => projects.id),
      at: instant(unit).notNull(),
      reason: text("reason").notNull(),
      count: bigint("count", { mode: "number" }).notNull(),
    },
    (table) => [
      primaryKey({ columns: [table.projectId, table.at, table.reason] }),
      ...oldestOfAll(unit, "usage", table.at),
    ],
  );

/** What traces cost, by the hour or minute (UTC). */
const costBy = (unit: "hour" | "minute") =>
  pgTable(
    `cost_${unit}s`,
    {
      projectId: uuid("project_id")
        .notNull()
        .references(() => projects.id),
      at: instant(unit).notNull(),
      micros: micros("micros").notNull(),
    },
    (table) => [primaryKey({ columns: [table.projectId, table.at] }), ...oldestOfAll(unit, "cost", table.at)],
  );

export const usageHours = usageBy("hour");
export const usageMinutes = usageBy("minute");
export const costHours = costBy("hour");
export const costMinutes = costBy("minute");

/** The processes that report. */
export const instances = pgTable(
  "instances",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    instance: text("instance").notNull(),
    sdkVersion: text("sdk_version").notNull(),
    runtime: text("runtime").notNull(),
    /** The version of the policy it held last; null when it knew none. */
    policyVersion: version("policy_version"),
    firstSeenAt: instant("first_seen_at").notNull(),
    lastReportAt: instant("last_report_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.instance] }),
    index("instances_last_report_at").on(table.lastReportAt),
  ],
);

/** How long after a change a process held its version for the first time. */
export const sightings = pgTable(
  "sightings",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    version: version("version").notNull(),
    instance: text("instance").notNull(),
    delayMs: integer("delay_ms").notNull(),
    seenAt: instant("seen_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.version, table.instance] }),
    index("sightings_seen_at").on(table.seenAt),
  ],
);

/** Counts the runs of the cron, which looks after another stretch of the projects that are off in each. */
export const cronRuns = pgSequence("cron_runs");

/** Who changed something: an API key, used by itself or through the page; or a rule of the project. */
export interface Actor {
  id: string;
  name: string;
  via: "api" | "page" | "rule";
}

/** The audit log: one row per accepted change, never changed but for `live_after_ms`. */
export const events = pgTable(
  "events",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    projectId: uuid("project_id").references(() => projects.id),
    version: version("version"),
    action: text("action").notNull(),
    actor: jsonb("actor").$type<Actor>().notNull(),
    reason: text("reason"),
    before: jsonb("before").$type<Record<string, unknown>>(),
    after: jsonb("after").$type<Record<string, unknown>>(),
    createdAt: instant("created_at").notNull().defaultNow(),
    /** How long it took until Redis had the change, in milliseconds; null while it has not. */
    liveAfterMs: integer("live_after_ms"),
  },
  (table) => [
    uniqueIndex("events_project_id").on(table.projectId, table.id),
    index("events_not_live").on(table.projectId).where(sql`${table.liveAfterMs} is null`),
  ],
);

export type ProjectRow = typeof projects.$inferSelect;
export type UserOverrideRow = typeof userOverrides.$inferSelect;

/** The columns that a project's effective state follows from. */
export const ruleColumns = {
  id: projects.id,
  tracingEnabled: projects.tracingEnabled,
  timeZone: projects.timeZone,
  schedule: projects.schedule,
  dailyBudgetMicros: projects.dailyBudgetMicros,
  budgetSpentOn: projects.budgetSpentOn,
  overrideTrace: projects.overrideTrace,
  overrideUntil: projects.overrideUntil,
  lockReason: projects.lockReason,
  deletedAt: projects.deletedAt,
};
export type RuleColumns = Pick<ProjectRow, keyof typeof ruleColumns>;

/** A project with its user overrides, by user id: [trace, until in epoch ms or null], those that have ended included. */
export type FullProject = ProjectRow & { overrides: Record<string, [boolean, number | null]> };

/** The columns of a {@link FullProject}, read in one statement so that they belong together. */
export const fullProject = {
  ...getTableColumns(projects),
  overrides: sql<FullProject["overrides"]>`(
    select coalesce(jsonb_object_agg(o.user_id, jsonb_build_array(o.trace, (extract(epoch from o.expires_at) * 1000)::bigint)), '{}')
    from ${userOverrides} o where o.project_id = "projects"."id")`.as("overrides"),
};
export type EventRow = typeof events.$inferSelect;
export type ApiKeyRow = typeof apiKeys.$inferSelect;
