import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const version = (name: string) => bigint(name, { mode: "number" });

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
    /** A deleted project stays as a tombstone, so that its id answers 410 and stays off. */
    deletedAt: instant("deleted_at"),
  },
  (table) => [
    index("projects_tracing_enabled").on(table.tracingEnabled),
    index("projects_next_publish_at").on(table.nextPublishAt),
    index("projects_unpublished").on(table.id).where(sql`${table.version} > ${table.publishedVersion}`),
    index("projects_off").on(table.id).where(sql`not ${table.tracingEnabled} or ${table.deletedAt} is not null`),
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
});

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

/** Counts the runs of the cron, which looks after another stretch of the projects that are off in each. */
export const cronRuns = pgSequence("cron_runs");

/** Who changed something: an API key, used by itself or through the page. */
export interface Actor {
  id: string;
  name: string;
  via: "api" | "page";
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
export type EventRow = typeof events.$inferSelect;
export type ApiKeyRow = typeof apiKeys.$inferSelect;
