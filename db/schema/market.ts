import { sql } from "drizzle-orm";
import {
	bigint,
	boolean,
	check,
	customType,
	date,
	index,
	integer,
	numeric,
	pgEnum,
	pgMaterializedView,
	pgTable,
	real,
	smallint,
	text,
	timestamp,
	unique,
	uuid,
} from "drizzle-orm/pg-core";

const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** Where a row came from. `sample` rows are made up and must never be taken for the real market. */
export const source = pgEnum("source", ["website", "pulse", "sample"]);
export const transactionGroup = pgEnum("transaction_group", ["sale", "mortgage", "gift"]);
export const developmentStatus = pgEnum("development_status", ["Ready", "Off-Plan"]);
export const propertyClass = pgEnum("property_class", ["unit", "villa", "building", "land"]);
export const contractKind = pgEnum("contract_kind", ["new", "renewed"]);
/** Whether a link was worked out from shared projects or given by an imported crosswalk file, which wins. */
export const areaLinkSource = pgEnum("area_link_source", ["derived", "crosswalk"]);
/** Why a registered transaction says nothing about the open-market price. */
export const nonMarketReason = pgEnum("non_market_reason", [
	"mortgage",
	"gift",
	"procedure",
	"part-share",
	"duplicate",
	"no-price",
	"no-size",
]);
/** Why a rental contract says nothing about the open-market rent of one home or unit. */
export const nonMarketRentReason = pgEnum("non_market_rent_reason", [
	"no-rent",
	"no-size",
	"implausible-size",
	"multi-unit",
]);

/** One place, one row. `key` is the name folded by `nameKey`; `aliases` are folded names that mean the same place. */
export const areas = pgTable("areas", {
	id: integer().primaryKey().generatedAlwaysAsIdentity(),
	name: text().notNull(),
	key: text().notNull().unique(),
	aliases: text().array().notNull().default(sql`'{}'::text[]`),
});

/** Sales name communities, rental contracts name cadastral areas: which rental area a sales area lies in. */
export const areaLinks = pgTable(
	"area_links",
	{
		salesAreaId: integer()
			.notNull()
			.references(() => areas.id),
		rentalAreaId: integer()
			.notNull()
			.references(() => areas.id),
		/** Share of the sales area's rows, in projects known to both, that point to this rental area: 0..1. */
		share: real().notNull(),
		sharedProjects: integer().notNull(),
		source: areaLinkSource().notNull().default("derived"),
	},
	(t) => [unique("area_links_pair").on(t.salesAreaId, t.rentalAreaId)],
);

export const projects = pgTable(
	"projects",
	{
		id: integer().primaryKey().generatedAlwaysAsIdentity(),
		areaId: integer()
			.notNull()
			.references(() => areas.id),
		name: text().notNull(),
		key: text().notNull(),
	},
	(t) => [unique("projects_area_key").on(t.areaId, t.key)],
);

/**
 * Registered transactions. Money in AED, sizes in square metres, instants in Dubai wall time.
 * Identity is `(group, number, occurrence)`: `number` is `<procedure>-<year>-<serial>`, the order Dubai Pulse uses.
 */
export const sales = pgTable(
	"sales",
	{
		id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
		group: transactionGroup().notNull(),
		number: text().notNull(),
		occurrence: smallint().notNull().default(1),
		registeredAt: timestamp({ mode: "string", precision: 0 }).notNull(),
		procedure: text().notNull(),
		areaId: integer()
			.notNull()
			.references(() => areas.id),
		projectId: integer().references(() => projects.id),
		masterProject: text(),
		propertyClass: propertyClass().notNull(),
		propertyType: text().notNull(),
		usage: text(),
		developmentStatus: developmentStatus().notNull(),
		freehold: boolean(),
		price: numeric({ precision: 16, scale: 2, mode: "number" }),
		/** The property's own size. */
		sizeSqm: numeric({ precision: 14, scale: 2, mode: "number" }),
		/** The size the procedure was about: smaller than the property's for a share of it. */
		procedureSizeSqm: numeric({ precision: 14, scale: 2, mode: "number" }),
		/** 0 is a studio; null is unknown or not a dwelling. */
		rooms: smallint(),
		roomsLabel: text(),
		armsLength: boolean().notNull(),
		nonMarketReason: nonMarketReason(),
		source: source().notNull(),
		/** A row of `import_runs`. No foreign key: checking half a million of them costs an import seconds. */
		importRunId: integer().notNull(),
		/**
		 * All that a valuation reads of a sale, as `db/queries/evidence.ts` unpacks it; null for a sale that is no evidence.
		 * A thousand sales are read from an index alone, and put into one value, in a fraction of a millisecond.
		 */
		evidence: bytea().generatedAlwaysAs(
			sql`case when arms_length and price >= 50000 and size_sqm > 0
					and price between 2000 * size_sqm and 150000 * size_sqm then
				int8send(id) || int4send(registered_at::date - date '1970-01-01') || float8send(price::float8)
				|| float8send(size_sqm::float8) || int2send(coalesce(rooms, -1::smallint))
				|| int2send((development_status = 'Ready')::int::smallint) || int4send(area_id)
				|| int4send(coalesce(project_id, -1)) end`,
		),
	},
	(t) => [
		unique("sales_identity").on(t.group, t.number, t.occurrence),
		// The latest sales first, and all that is read of them: whoever needs a thousand reads a thousand, and no table.
		index("sales_evidence_of_area")
			.on(t.areaId, t.propertyType, t.registeredAt.desc().nullsFirst(), t.id.desc().nullsFirst(), t.evidence)
			.where(sql`evidence is not null`),
		index("sales_evidence_of_project")
			.on(
				t.projectId,
				t.propertyType,
				t.registeredAt.desc().nullsFirst(),
				t.id.desc().nullsFirst(),
				t.evidence,
			)
			.where(sql`evidence is not null and project_id is not null`),
		index("sales_area").on(t.group, t.areaId),
		index("sales_import_run").on(t.importRunId),
		check("sales_reason", sql`${t.armsLength} = (${t.nonMarketReason} is null)`),
	],
);

/**
 * Registered rental contracts. They carry no number of their own on the Department's website, so identity is a
 * hash of the typed values plus an occurrence number; Dubai Pulse's contract id and line are hashed the same way.
 */
export const rentals = pgTable(
	"rentals",
	{
		id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
		contentHash: uuid().notNull(),
		occurrence: smallint().notNull().default(1),
		registeredAt: timestamp({ mode: "string", precision: 0 }),
		startsOn: date({ mode: "string" }).notNull(),
		endsOn: date({ mode: "string" }).notNull(),
		kind: contractKind().notNull(),
		areaId: integer()
			.notNull()
			.references(() => areas.id),
		projectId: integer().references(() => projects.id),
		masterProject: text(),
		propertyClass: propertyClass().notNull(),
		propertyType: text().notNull(),
		usage: text(),
		freehold: boolean(),
		annualRent: numeric({ precision: 16, scale: 2, mode: "number" }),
		contractRent: numeric({ precision: 16, scale: 2, mode: "number" }),
		sizeSqm: numeric({ precision: 14, scale: 2, mode: "number" }),
		rooms: smallint(),
		units: integer(),
		market: boolean().notNull(),
		nonMarketReason: nonMarketRentReason(),
		source: source().notNull(),
		/** A row of `import_runs`. No foreign key: checking half a million of them costs an import seconds. */
		importRunId: integer().notNull(),
	},
	(t) => [
		unique("rentals_identity").on(t.contentHash, t.occurrence),
		// What is known of new contracts, in the order in which it became known: by project, by area, and by area and size.
		index("rentals_of_project")
			.on(t.projectId, t.propertyType, sql`coalesce(registered_at, starts_on::timestamp)`, t.id, t.sizeSqm)
			.where(sql`market and kind = 'new' and project_id is not null`),
		index("rentals_of_area")
			.on(t.areaId, t.propertyType, sql`coalesce(registered_at, starts_on::timestamp)`, t.id, t.sizeSqm)
			.where(sql`market and kind = 'new'`),
		index("rentals_of_size")
			.on(t.areaId, t.propertyType, t.sizeSqm, sql`coalesce(registered_at, starts_on::timestamp)`, t.id)
			.where(sql`market and kind = 'new'`),
		index("rentals_area").on(t.areaId),
		index("rentals_type").on(t.propertyType),
		index("rentals_import_run").on(t.importRunId),
		check("rentals_reason", sql`${t.market} = (${t.nonMarketReason} is null)`),
	],
);

/** Names of which something was sold, or let; made anew soon after something changed (`db/market-views.ts`). */
export const marketNames = pgMaterializedView("market_names", {
	side: text().$type<"sales" | "rentals">().notNull(),
	kind: text().$type<"area" | "property-type">().notNull(),
	name: text().notNull(),
	/** The name folded, to sort by. */
	key: text().notNull(),
}).as(sql`select 'sales' as side, 'area' as kind, name, key from areas a
		where exists (select from sales s where s.area_id = a.id and s."group" = 'sale')
	union all select 'rentals', 'area', name, key from areas a
		where exists (select from rentals r where r.area_id = a.id)
	union all select distinct 'sales', 'property-type', property_type, property_type from sales where "group" = 'sale'
	union all select distinct 'rentals', 'property-type', property_type, property_type from rentals`);

/** What an area's market of one property type did in a month; made anew like the names. */
export const marketMonths = pgMaterializedView("market_months", {
	areaId: integer().notNull(),
	propertyType: text().notNull(),
	/** The month's first day. */
	month: date({ mode: "string" }).notNull(),
	sales: integer().notNull(),
	/** AED per square metre. */
	medianPerSqm: real().notNull(),
}).as(sql`select area_id, property_type, date_trunc('month', registered_at)::date as month, count(*)::int as sales,
	percentile_cont(0.5) within group (order by price / size_sqm)::real as median_per_sqm
	from sales where evidence is not null group by 1, 2, 3`);
