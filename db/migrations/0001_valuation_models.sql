CREATE TABLE "valuation_models" (
	"version" text PRIMARY KEY NOT NULL,
	"method" text NOT NULL,
	"trained_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_since" timestamp with time zone DEFAULT now() NOT NULL,
	"data_from" text NOT NULL,
	"data_through" text NOT NULL,
	"sales" integer NOT NULL,
	"accuracy" jsonb,
	"model" jsonb NOT NULL
);
--> statement-breakpoint
DROP INDEX "rentals_comparables";--> statement-breakpoint
DROP INDEX "sales_comparables";--> statement-breakpoint
ALTER TABLE "sales" ADD COLUMN "evidence" "bytea" GENERATED ALWAYS AS (case when arms_length and price >= 50000 and size_sqm > 0
					and price between 2000 * size_sqm and 150000 * size_sqm then
				int8send(id) || int4send(registered_at::date - date '1970-01-01') || float8send(price::float8)
				|| float8send(size_sqm::float8) || int2send(coalesce(rooms, -1::smallint))
				|| int2send((development_status = 'Ready')::int::smallint) || int4send(area_id)
				|| int4send(coalesce(project_id, -1)) end) STORED;--> statement-breakpoint
CREATE INDEX "rentals_of_project" ON "rentals" USING btree ("project_id","property_type",coalesce(registered_at, starts_on::timestamp),"id","size_sqm") WHERE market and kind = 'new' and project_id is not null;--> statement-breakpoint
CREATE INDEX "rentals_of_area" ON "rentals" USING btree ("area_id","property_type",coalesce(registered_at, starts_on::timestamp),"id","size_sqm") WHERE market and kind = 'new';--> statement-breakpoint
CREATE INDEX "rentals_of_size" ON "rentals" USING btree ("area_id","property_type","size_sqm",coalesce(registered_at, starts_on::timestamp),"id") WHERE market and kind = 'new';--> statement-breakpoint
CREATE INDEX "sales_evidence_of_area" ON "sales" USING btree ("area_id","property_type","registered_at" DESC NULLS FIRST,"id" DESC NULLS FIRST,"evidence") WHERE evidence is not null;--> statement-breakpoint
CREATE INDEX "sales_evidence_of_project" ON "sales" USING btree ("project_id","property_type","registered_at" DESC NULLS FIRST,"id" DESC NULLS FIRST,"evidence") WHERE evidence is not null and project_id is not null;--> statement-breakpoint
CREATE MATERIALIZED VIEW "public"."market_months" AS (select area_id, property_type, date_trunc('month', registered_at)::date as month, count(*)::int as sales,
	percentile_cont(0.5) within group (order by price / size_sqm)::real as median_per_sqm
	from sales where evidence is not null group by 1, 2, 3);--> statement-breakpoint
CREATE UNIQUE INDEX "market_months_key" ON "market_months" ("area_id","property_type","month");
