CREATE TABLE "cost_minutes" (
	"project_id" uuid NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"micros" bigint NOT NULL,
	CONSTRAINT "cost_minutes_project_id_minute_pk" PRIMARY KEY("project_id","minute")
);
--> statement-breakpoint
CREATE TABLE "usage_minutes" (
	"project_id" uuid NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"count" bigint NOT NULL,
	CONSTRAINT "usage_minutes_project_id_minute_reason_pk" PRIMARY KEY("project_id","minute","reason")
);
--> statement-breakpoint
ALTER TABLE "cost_minutes" ADD CONSTRAINT "cost_minutes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_minutes" ADD CONSTRAINT "usage_minutes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cost_minutes_minute" ON "cost_minutes" USING btree ("minute");--> statement-breakpoint
CREATE INDEX "usage_minutes_minute" ON "usage_minutes" USING btree ("minute");