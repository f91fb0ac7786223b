import { sql } from "drizzle-orm";
import {
	bigint,
	boolean,
	check,
	date,
	index,
	integer,
	numeric,
	pgEnum,
	pgTable,
	real,
	smallint,
	text,
	timestamp,
	unique,
	uuid,
} from "drizzle-orm/pg-core";

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
	},
	(t) => [
		unique("sales_identity").on(t.group, t.number, t.occurrence),
		index("sales_comparables")
			.on(t.areaId, t.propertyType, t.sizeSqm, t.registeredAt)
			.where(sql`arms_length`),
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
		index("rentals_comparables").on(t.areaId, t.propertyType, t.startsOn).where(sql`market`),
		index("rentals_area").on(t.areaId),
		index("rentals_type").on(t.propertyType),
		index("rentals_import_run").on(t.importRunId),
		check("rentals_reason", sql`${t.market} = (${t.nonMarketReason} is null)`),
	],
);
