import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres, { type Sql } from "postgres";
import { observed, type QueryObserver } from "./observed.ts";
import * as schema from "./schema/index.ts";

export type { QueryFailure, QueryObserver, QueryOperation } from "./observed.ts";

/** What query functions take. */
export type Database = PostgresJsDatabase<typeof schema>;

export interface DatabaseHandle {
	readonly db: Database;
	/** The driver itself, for COPY, LISTEN and the like. */
	readonly sql: Sql;
	close(): Promise<void>;
}

export interface DatabaseOptions {
	url: string;
	/** Connections in the pool. */
	max?: number;
	/** Seconds before a connection attempt fails. */
	connectTimeoutS?: number;
	/** Milliseconds the server may spend on one statement; 0 for no limit (imports, migrations). */
	statementTimeoutMs?: number;
	applicationName?: string;
	/** Hears of every query but those of LISTEN, which have a connection of their own. */
	observe?: QueryObserver | undefined;
}

/** The one place that knows the driver. Connects lazily: a dead database is seen by the first query, not here. */
export function openDatabase(options: DatabaseOptions): DatabaseHandle {
	const driver = postgres(options.url, {
		max: options.max ?? 10,
		connect_timeout: options.connectTimeoutS ?? 3,
		idle_timeout: 60,
		// The driver's own goes up to 20 s, during which a database that is back would not be noticed.
		backoff: (attempt) => Math.min(0.05 * 2 ** attempt, 1),
		onnotice: () => {},
		connection: {
			application_name: options.applicationName ?? "retyn-avm",
			statement_timeout: options.statementTimeoutMs ?? 10_000,
		},
	});
	const sql = options.observe ? observed(driver, options.observe) : driver;
	return {
		db: drizzle(sql, { schema, casing: "snake_case" }),
		sql,
		close: () => sql.end({ timeout: 5 }),
	};
}
