CREATE TYPE "public"."area_link_source" AS ENUM('derived', 'crosswalk');--> statement-breakpoint
CREATE TYPE "public"."contract_kind" AS ENUM('new', 'renewed');--> statement-breakpoint
CREATE TYPE "public"."development_status" AS ENUM('Ready', 'Off-Plan');--> statement-breakpoint
CREATE TYPE "public"."import_status" AS ENUM('running', 'loaded', 'failed', 'interrupted');--> statement-breakpoint
CREATE TYPE "public"."non_market_reason" AS ENUM('mortgage', 'gift', 'procedure', 'part-share', 'duplicate', 'no-price', 'no-size');--> statement-breakpoint
CREATE TYPE "public"."non_market_rent_reason" AS ENUM('no-rent', 'no-size', 'implausible-size', 'multi-unit');--> statement-breakpoint
CREATE TYPE "public"."property_class" AS ENUM('unit', 'villa', 'building', 'land');--> statement-breakpoint
CREATE TYPE "public"."role" AS ENUM('user', 'admin');--> statement-breakpoint
CREATE TYPE "public"."session_kind" AS ENUM('cookie', 'token');--> statement-breakpoint
CREATE TYPE "public"."source" AS ENUM('website', 'pulse', 'sample');--> statement-breakpoint
CREATE TYPE "public"."transaction_group" AS ENUM('sale', 'mortgage', 'gift');--> statement-breakpoint
CREATE TABLE "area_links" (
	"sales_area_id" integer NOT NULL,
	"rental_area_id" integer NOT NULL,
	"share" real NOT NULL,
	"shared_projects" integer NOT NULL,
	"source" "area_link_source" DEFAULT 'derived' NOT NULL,
	CONSTRAINT "area_links_pair" UNIQUE("sales_area_id","rental_area_id")
);
--> statement-breakpoint
CREATE TABLE "areas" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "areas_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"key" text NOT NULL,
	"aliases" text[] DEFAULT '{}'::text[] NOT NULL,
	CONSTRAINT "areas_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "import_runs" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "import_runs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"status" "import_status" DEFAULT 'running' NOT NULL,
	"file" text NOT NULL,
	"format" text,
	"rows_read" integer DEFAULT 0 NOT NULL,
	"rows_loaded" integer DEFAULT 0 NOT NULL,
	"rows_updated" integer DEFAULT 0 NOT NULL,
	"rows_already_there" integer DEFAULT 0 NOT NULL,
	"rejected" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"non_market" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"touched_area_ids" integer[] DEFAULT '{}' NOT NULL,
	"sales_names_changed" boolean DEFAULT false NOT NULL,
	"rental_names_changed" boolean DEFAULT false NOT NULL,
	"message" text
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "projects_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"area_id" integer NOT NULL,
	"name" text NOT NULL,
	"key" text NOT NULL,
	CONSTRAINT "projects_area_key" UNIQUE("area_id","key")
);
--> statement-breakpoint
CREATE TABLE "rejected_rows" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rejected_rows_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"import_run_id" integer NOT NULL,
	"line" integer NOT NULL,
	"reason" text NOT NULL,
	"raw" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rentals" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rentals_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"content_hash" uuid NOT NULL,
	"occurrence" smallint DEFAULT 1 NOT NULL,
	"registered_at" timestamp(0),
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"kind" "contract_kind" NOT NULL,
	"area_id" integer NOT NULL,
	"project_id" integer,
	"master_project" text,
	"property_class" "property_class" NOT NULL,
	"property_type" text NOT NULL,
	"usage" text,
	"freehold" boolean,
	"annual_rent" numeric(16, 2),
	"contract_rent" numeric(16, 2),
	"size_sqm" numeric(14, 2),
	"rooms" smallint,
	"units" integer,
	"market" boolean NOT NULL,
	"non_market_reason" "non_market_rent_reason",
	"source" "source" NOT NULL,
	"import_run_id" integer NOT NULL,
	CONSTRAINT "rentals_identity" UNIQUE("content_hash","occurrence"),
	CONSTRAINT "rentals_reason" CHECK ("rentals"."market" = ("rentals"."non_market_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "sales" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sales_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"group" "transaction_group" NOT NULL,
	"number" text NOT NULL,
	"occurrence" smallint DEFAULT 1 NOT NULL,
	"registered_at" timestamp(0) NOT NULL,
	"procedure" text NOT NULL,
	"area_id" integer NOT NULL,
	"project_id" integer,
	"master_project" text,
	"property_class" "property_class" NOT NULL,
	"property_type" text NOT NULL,
	"usage" text,
	"development_status" "development_status" NOT NULL,
	"freehold" boolean,
	"price" numeric(16, 2),
	"size_sqm" numeric(14, 2),
	"procedure_size_sqm" numeric(14, 2),
	"rooms" smallint,
	"rooms_label" text,
	"arms_length" boolean NOT NULL,
	"non_market_reason" "non_market_reason",
	"source" "source" NOT NULL,
	"import_run_id" integer NOT NULL,
	CONSTRAINT "sales_identity" UNIQUE("group","number","occurrence"),
	CONSTRAINT "sales_reason" CHECK ("sales"."arms_length" = ("sales"."non_market_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" "session_kind" NOT NULL,
	"user_id" uuid NOT NULL,
	"secret_hash" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "sessions_secret_hash" UNIQUE("secret_hash")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"email" text NOT NULL,
	"password_hash" text NOT NULL,
	"role" "role" DEFAULT 'user' NOT NULL,
	"role_version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp with time zone,
	CONSTRAINT "users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
ALTER TABLE "area_links" ADD CONSTRAINT "area_links_sales_area_id_areas_id_fk" FOREIGN KEY ("sales_area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "area_links" ADD CONSTRAINT "area_links_rental_area_id_areas_id_fk" FOREIGN KEY ("rental_area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejected_rows" ADD CONSTRAINT "rejected_rows_import_run_id_import_runs_id_fk" FOREIGN KEY ("import_run_id") REFERENCES "public"."import_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rentals" ADD CONSTRAINT "rentals_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rentals" ADD CONSTRAINT "rentals_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sales" ADD CONSTRAINT "sales_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sales" ADD CONSTRAINT "sales_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rejected_rows_run" ON "rejected_rows" USING btree ("import_run_id");--> statement-breakpoint
CREATE INDEX "rentals_comparables" ON "rentals" USING btree ("area_id","property_type","starts_on") WHERE market;--> statement-breakpoint
CREATE INDEX "rentals_area" ON "rentals" USING btree ("area_id");--> statement-breakpoint
CREATE INDEX "rentals_type" ON "rentals" USING btree ("property_type");--> statement-breakpoint
CREATE INDEX "rentals_import_run" ON "rentals" USING btree ("import_run_id");--> statement-breakpoint
CREATE INDEX "sales_comparables" ON "sales" USING btree ("area_id","property_type","size_sqm","registered_at") WHERE arms_length;--> statement-breakpoint
CREATE INDEX "sales_area" ON "sales" USING btree ("group","area_id");--> statement-breakpoint
CREATE INDEX "sales_import_run" ON "sales" USING btree ("import_run_id");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_expiry" ON "sessions" USING btree ("expires_at");