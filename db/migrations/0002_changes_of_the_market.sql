CREATE TABLE "audit_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"user_id" uuid NOT NULL,
	"request_id" text NOT NULL,
	"action" text NOT NULL,
	"subject" jsonb NOT NULL,
	"affected" jsonb,
	"outcome" text
);
--> statement-breakpoint
CREATE TABLE "market_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "market_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"version" bigint,
	"transaction" "xid8" NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"of_views" boolean DEFAULT false NOT NULL,
	"everything" boolean DEFAULT false NOT NULL,
	"area_ids" integer[] DEFAULT '{}' NOT NULL,
	"sales_names_changed" boolean DEFAULT false NOT NULL,
	"rental_names_changed" boolean DEFAULT false NOT NULL,
	CONSTRAINT "market_changes_version" UNIQUE("version")
);
--> statement-breakpoint
CREATE TABLE "market_state" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"epoch" uuid DEFAULT gen_random_uuid() NOT NULL,
	"views_version" bigint DEFAULT 0 NOT NULL,
	"views_refreshed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"cleared_version" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "market_state_only" CHECK ("market_state"."only")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "market_changes_open" ON "market_changes" USING btree ("transaction") WHERE version is null;--> statement-breakpoint
ALTER TABLE "import_runs" DROP COLUMN "touched_area_ids";--> statement-breakpoint
ALTER TABLE "import_runs" DROP COLUMN "sales_names_changed";--> statement-breakpoint
ALTER TABLE "import_runs" DROP COLUMN "rental_names_changed";--> statement-breakpoint
CREATE MATERIALIZED VIEW "public"."market_names" AS (select 'sales' as side, 'area' as kind, name, key from areas a
		where exists (select from sales s where s.area_id = a.id and s."group" = 'sale')
	union all select 'rentals', 'area', name, key from areas a
		where exists (select from rentals r where r.area_id = a.id)
	union all select distinct 'sales', 'property-type', property_type, property_type from sales where "group" = 'sale'
	union all select distinct 'rentals', 'property-type', property_type, property_type from rentals);--> statement-breakpoint
CREATE UNIQUE INDEX "market_names_key" ON "market_names" ("side", "kind", "name");--> statement-breakpoint
INSERT INTO "market_state" DEFAULT VALUES;--> statement-breakpoint
CREATE SEQUENCE "market_version" AS bigint;--> statement-breakpoint
-- Notes that what is known of these areas changed. Whoever may write sales may not have been given these tables: hence
-- the definer's rights. Of the areas that a transaction touches again and again each is written down once.
CREATE FUNCTION "market_touch"("areas" integer[], "all_of_it" boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	IF NOT all_of_it AND coalesce(cardinality(areas), 0) = 0 THEN RETURN; END IF;
	INSERT INTO public.market_changes AS known ("transaction", everything, area_ids)
	VALUES (pg_current_xact_id(), all_of_it, coalesce(areas, '{}'))
	ON CONFLICT ("transaction") WHERE version IS NULL DO UPDATE SET
		of_views = false,
		everything = known.everything OR excluded.everything,
		area_ids = (SELECT array_agg(DISTINCT area ORDER BY area) FROM unnest(known.area_ids || excluded.area_ids) area)
	WHERE known.of_views OR (excluded.everything AND NOT known.everything)
		OR NOT known.area_ids @> excluded.area_ids;
END $$;--> statement-breakpoint
-- After a statement that changed rows; the arguments are the columns that name areas.
CREATE FUNCTION "market_note_rows"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	sources text[] := CASE tg_op WHEN 'INSERT' THEN '{new_rows}' WHEN 'DELETE' THEN '{old_rows}'
		ELSE '{old_rows,new_rows}' END;
	part text;
	areas integer[];
BEGIN
	SELECT string_agg(format('SELECT %I AS area FROM %I', column_name, source), ' UNION ALL ') INTO part
	FROM unnest(tg_argv) column_name, unnest(sources) source;
	EXECUTE format('SELECT array_agg(DISTINCT area ORDER BY area) FROM (%s) touched WHERE area IS NOT NULL', part) INTO areas;
	PERFORM public.market_touch(areas);
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE FUNCTION "market_note_everything"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	PERFORM public.market_touch('{}', true);
	RETURN NULL;
END $$;--> statement-breakpoint
-- As the transaction commits. The lock is held until it has, so versions come in the order in which they can be seen;
-- taken only now, it keeps nobody waiting for longer than a commit takes.
CREATE FUNCTION "market_give_version"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
	given bigint;
BEGIN
	PERFORM pg_advisory_xact_lock(7203117);
	given := nextval('public.market_version');
	UPDATE public.market_changes SET version = given WHERE id = new.id;
	PERFORM pg_notify('retyn_market', given::text);
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "market_changes_committing" AFTER INSERT ON "market_changes"
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "market_give_version"();--> statement-breakpoint
DO $$
DECLARE
	watched record;
BEGIN
	FOR watched IN SELECT * FROM (VALUES
		('sales', 'area_id', '{INSERT,UPDATE,DELETE}'::text[]),
		('rentals', 'area_id', '{INSERT,UPDATE,DELETE}'),
		('area_links', 'sales_area_id, rental_area_id', '{INSERT,UPDATE,DELETE}'),
		-- What is new there has neither sales nor rental contracts yet.
		('areas', 'id', '{UPDATE,DELETE}'),
		('projects', 'area_id', '{UPDATE,DELETE}')
	) AS t (name, columns, events) LOOP
		IF 'INSERT' = ANY (watched.events) THEN
			EXECUTE format('CREATE TRIGGER market_inserted AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows
				FOR EACH STATEMENT EXECUTE FUNCTION market_note_rows(%s)', watched.name, watched.columns);
		END IF;
		EXECUTE format('CREATE TRIGGER market_updated AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows
			NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION market_note_rows(%s)', watched.name, watched.columns);
		EXECUTE format('CREATE TRIGGER market_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows
			FOR EACH STATEMENT EXECUTE FUNCTION market_note_rows(%s)', watched.name, watched.columns);
		EXECUTE format('CREATE TRIGGER market_truncated AFTER TRUNCATE ON %I
			FOR EACH STATEMENT EXECUTE FUNCTION market_note_everything()', watched.name);
	END LOOP;
END $$;
