import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres, { type Sql } from "postgres";
import { failingFast } from "./failing-fast.ts";
import { observed, type QueryObserver } from "./observed.ts";
import { openProbe } from "./probe.ts";
import { renewablePool } from "./renewable-pool.ts";
import * as schema from "./schema/index.ts";

export type { QueryFailure, QueryObserver, QueryOperation } from "./observed.ts";

/** What query functions take. */
export type Database = PostgresJsDatabase<typeof schema>;

export interface DatabaseHandle {
	readonly db: Database;
	/** The driver itself, for COPY, LISTEN and the like. */
	readonly sql: Sql;
	/** Its server was silent: what is under way is rejected, and no connection of now is used again. Without `failFast` nothing. */
	renew(): void;
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
	/** Whoever waits for a database that is away, or for a connection where all are in use, is told so soon. @default false */
	failFast?: boolean;
	/**
	 * DATABASE_URL leads to a pooler that gives out connections by the transaction: it forgets prepared statements, and refuses
	 * settings at the start of a connection, so the time limit of statements has to be set there. @default false
	 */
	pooled?: boolean;
	/** Past the pooler; with `failFast` it tells one that is busy from a database that is away. */
	directUrl?: string;
	/**
	 * Asks on each new connection which types are arrays, for statements that are written by hand; Drizzle knows its own. A
	 * connection that is reset while it asks rejects what nobody can catch, and so ends the process: servers do without. @default true
	 */
	fetchTypes?: boolean;
	/** Hears of every query but those of LISTEN, which have a connection of their own. */
	observe?: QueryObserver | undefined;
}

/** A pooler may let a statement wait before it hands it on: `query_wait_timeout` of deploy/pgbouncer. */
const POOLER_WAIT_MS = 5_000;

/** The one place that knows the driver. Connects lazily: a dead database is seen by the first query, not here. */
export function openDatabase(options: DatabaseOptions): DatabaseHandle {
	const limitMs = options.statementTimeoutMs ?? 10_000;
	const settings = {
		max: options.max ?? 10,
		connect_timeout: options.connectTimeoutS ?? 3,
		idle_timeout: 60,
		// The driver's own goes up to 20 s, during which a database that is back would not be noticed.
		backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 0.25),
		onnotice: () => {},
		prepare: !options.pooled,
		fetch_types: options.fetchTypes ?? true,
		connection: {
			application_name: options.applicationName ?? "retyn-avm",
			...(!options.pooled && { statement_timeout: limitMs }),
		},
	};
	const pool = renewablePool(() => postgres(options.url, settings));
	const probe = options.failFast
		? openProbe(options.url, options.pooled ? options.directUrl : undefined)
		: undefined;
	const longestMs = (limitMs || Number.POSITIVE_INFINITY) + (options.pooled ? POOLER_WAIT_MS : 0);
	const guarded = probe && failingFast(pool, { ...probe, limitMs: longestMs });
	const driver = guarded?.sql ?? pool.current;
	const sql = options.observe ? observed(driver, options.observe) : driver;
	return {
		db: drizzle(sql, { schema, casing: "snake_case" }),
		sql,
		renew() {
			if (guarded) pool.renew(0);
		},
		async close() {
			guarded?.end();
			await Promise.all([pool.end(5), probe?.close()]);
		},
	};
}
