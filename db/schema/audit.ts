import { bigint, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

/** What administrators did to the cache. Kept when the user is gone, hence no foreign key. */
export const auditEvents = pgTable("audit_events", {
	id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
	at: timestamp({ withTimezone: true }).notNull().defaultNow(),
	userId: uuid().notNull(),
	requestId: text().notNull(),
	/** `cache.purge` and the like. */
	action: text().notNull(),
	/** To what: as it was asked for. */
	subject: jsonb().$type<Record<string, unknown>>().notNull(),
	/** How many of what; null as long as it is under way, or where that failed. */
	affected: jsonb().$type<Record<string, number>>(),
	/** `done`, `pending` or `failed`; null as long as it is under way. */
	outcome: text(),
});
