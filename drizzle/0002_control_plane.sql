CREATE TABLE "cost_hours" (
	"project_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"micros" bigint NOT NULL,
	CONSTRAINT "cost_hours_project_id_hour_pk" PRIMARY KEY("project_id","hour")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"actor_id" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer,
	"body" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_actor_id_key_pk" PRIMARY KEY("actor_id","key")
);
--> statement-breakpoint
CREATE TABLE "instances" (
	"project_id" uuid NOT NULL,
	"instance" text NOT NULL,
	"sdk_version" text NOT NULL,
	"runtime" text NOT NULL,
	"policy_version" bigint,
	"first_seen_at" timestamp with time zone NOT NULL,
	"last_report_at" timestamp with time zone NOT NULL,
	CONSTRAINT "instances_project_id_instance_pk" PRIMARY KEY("project_id","instance")
);
--> statement-breakpoint
CREATE TABLE "sightings" (
	"project_id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"instance" text NOT NULL,
	"delay_ms" integer NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "sightings_project_id_version_instance_pk" PRIMARY KEY("project_id","version","instance")
);
--> statement-breakpoint
CREATE TABLE "usage_hours" (
	"project_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"count" bigint NOT NULL,
	CONSTRAINT "usage_hours_project_id_hour_reason_pk" PRIMARY KEY("project_id","hour","reason")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "run_cost_micros" bigint;--> statement-breakpoint
ALTER TABLE "cost_hours" ADD CONSTRAINT "cost_hours_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "instances_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sightings" ADD CONSTRAINT "sightings_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_hours" ADD CONSTRAINT "usage_hours_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_at" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "instances_last_report_at" ON "instances" USING btree ("last_report_at");--> statement-breakpoint
CREATE INDEX "sightings_seen_at" ON "sightings" USING btree ("seen_at");