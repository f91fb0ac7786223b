import { integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** What was learned from past sales. The one that was put to use last is the one that values; the others can be again. */
export const valuationModels = pgTable("valuation_models", {
	version: text().primaryKey(),
	/** The way of working values out that it was trained for: another way's models are left alone. */
	method: text().notNull(),
	trainedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
	usedSince: timestamp({ withTimezone: true }).notNull().defaultNow(),
	/** What it was trained on: days in Dubai, and the number of sales. */
	dataFrom: text().notNull(),
	dataThrough: text().notNull(),
	sales: integer().notNull(),
	/** Its ratio study, as `GET /api/property/valuation/accuracy` gives it; null before there is one. */
	accuracy: jsonb(),
	/** As `src/valuation/model-codec.ts` reads it. */
	model: jsonb().notNull(),
});
