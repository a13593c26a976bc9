CREATE TABLE "daily_costs" (
	"project_id" uuid NOT NULL,
	"date" date NOT NULL,
	"micros" bigint NOT NULL,
	CONSTRAINT "daily_costs_project_id_date_pk" PRIMARY KEY("project_id","date")
);
--> statement-breakpoint
CREATE TABLE "usage_batches" (
	"project_id" uuid NOT NULL,
	"batch_id" uuid NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	CONSTRAINT "usage_batches_project_id_batch_id_pk" PRIMARY KEY("project_id","batch_id")
);
--> statement-breakpoint
CREATE TABLE "user_overrides" (
	"project_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"trace" boolean NOT NULL,
	"reason" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	CONSTRAINT "user_overrides_project_id_user_id_pk" PRIMARY KEY("project_id","user_id")
);
--> statement-breakpoint
DROP INDEX "projects_off";--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "sample_rate" double precision DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "capture" text DEFAULT 'full' NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "when_unavailable" text DEFAULT 'last_known' NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "production" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "time_zone" text DEFAULT 'UTC' NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "schedule" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "daily_budget_micros" bigint;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "budget_spent_on" date;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "override_trace" boolean;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "override_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "lock_reason" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "locked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "daily_costs" ADD CONSTRAINT "daily_costs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_batches" ADD CONSTRAINT "usage_batches_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_overrides" ADD CONSTRAINT "user_overrides_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "usage_batches_received_at" ON "usage_batches" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "user_overrides_expires_at" ON "user_overrides" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "projects_may_be_off" ON "projects" USING btree ("id") WHERE 
  not "projects"."tracing_enabled" or "projects"."deleted_at" is not null or "projects"."lock_reason" is not null
  or not "projects"."override_trace" or "projects"."budget_spent_on" is not null or "projects"."schedule" <> '[]';