import { sql } from "drizzle-orm";
import {
	bigint,
	boolean,
	check,
	customType,
	integer,
	pgTable,
	timestamp,
	uniqueIndex,
	uuid,
} from "drizzle-orm/pg-core";

const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });

/**
 * What each transaction changed in the market, whoever made it: triggers write it down. One row for each transaction;
 * `version` is given as it commits, so that versions come in the order of commits and whoever has seen one has seen all
 * before it. The highest one is the data version.
 */
export const marketChanges = pgTable(
	"market_changes",
	{
		id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
		/** Null while its transaction runs, so nobody else ever sees that. */
		version: bigint({ mode: "number" }).unique("market_changes_version"),
		transaction: xid8().notNull(),
		at: timestamp({ withTimezone: true }).notNull().default(sql`clock_timestamp()`),
		/** Not the rows changed, but the views that are made of them were brought up to date. */
		ofViews: boolean().notNull().default(false),
		/** Nobody can say which areas: a table was emptied. */
		everything: boolean().notNull().default(false),
		areaIds: integer().array().notNull().default([]),
		/** Whether a name appeared in, or vanished from, the lists made of sales or of rentals. */
		salesNamesChanged: boolean().notNull().default(false),
		rentalNamesChanged: boolean().notNull().default(false),
	},
	(t) => [uniqueIndex("market_changes_open").on(t.transaction).where(sql`version is null`)],
);

/** One row: how far the views go, and what was cleared away. */
export const marketState = pgTable(
	"market_state",
	{
		only: boolean().primaryKey().default(true),
		/** Another one in another database, also where the versions look alike. */
		epoch: uuid().notNull().defaultRandom(),
		/** The views were made at this data version or later. */
		viewsVersion: bigint({ mode: "number" }).notNull().default(0),
		viewsRefreshedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
		/** Changes up to this version are not kept any more. */
		clearedVersion: bigint({ mode: "number" }).notNull().default(0),
	},
	(t) => [check("market_state_only", sql`${t.only}`)],
);
