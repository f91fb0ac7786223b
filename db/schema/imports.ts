import { bigint, index, integer, jsonb, pgEnum, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export const importStatus = pgEnum("import_status", ["running", "loaded", "failed", "interrupted"]);

/** One row per file that was read, kept also when the run failed. */
export const importRuns = pgTable("import_runs", {
	id: integer().primaryKey().generatedAlwaysAsIdentity(),
	startedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
	finishedAt: timestamp({ withTimezone: true }),
	status: importStatus().notNull().default("running"),
	/** The file's own name, without its folder. */
	file: text().notNull(),
	format: text(),
	rowsRead: integer().notNull().default(0),
	rowsLoaded: integer().notNull().default(0),
	rowsUpdated: integer().notNull().default(0),
	rowsAlreadyThere: integer().notNull().default(0),
	rejected: jsonb().$type<Record<string, number>>().notNull().default({}),
	nonMarket: jsonb().$type<Record<string, number>>().notNull().default({}),
	message: text(),
});

/** Rows that could not be loaded, kept so that nothing is lost silently. */
export const rejectedRows = pgTable(
	"rejected_rows",
	{
		id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
		importRunId: integer()
			.notNull()
			.references(() => importRuns.id, { onDelete: "cascade" }),
		line: integer().notNull(),
		reason: text().notNull(),
		raw: jsonb().$type<Record<string, string>>().notNull(),
	},
	(t) => [index("rejected_rows_run").on(t.importRunId)],
);
