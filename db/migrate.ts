import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres, { type Sql } from "postgres";

/** Any constant will do, as long as no other lock of this database uses it. */
const MIGRATION_LOCK = 7_203_114;
/** Long enough for new indexes on a large market; after that whoever waits had better say so. */
const WAIT_MS = 120_000;
/** PostgreSQL looks so often whether the migrating program is still there: by itself it would finish its statement first. */
const STILL_THERE_EVERY_MS = 1_000;
/** PostgreSQL's code for a wait that was cut short by `lock_timeout`. */
const LOCK_NOT_AVAILABLE = "55P03";

export interface MigrateOptions {
	/** @default `db/migrations` of this program */
	folder?: string;
	/** Milliseconds to wait for another program that migrates the same database. @default two minutes */
	waitMs?: number;
}

export interface Migrated {
	/** How many migrations were carried out here; 0 where the schema was up to date, or another program was faster. */
	readonly applied: number;
}

/**
 * Brings the schema up to date, all of it or nothing. Copies that start together wait for the first one, then find nothing to
 * do. One that is killed in the middle holds nobody up: its lock goes with its connection.
 *
 * @param url not that of a transaction pooler, which would not keep the lock for us
 * @throws where another copy took longer than the wait, and where the database refuses
 */
export async function migrateDatabase(url: string, options: MigrateOptions = {}): Promise<Migrated> {
	const { folder = migrationsFolder(), waitMs = WAIT_MS } = options;
	const sql = postgres(url, {
		max: 1,
		onnotice: () => {},
		connect_timeout: 5,
		connection: {
			application_name: "retyn-avm-migrate",
			client_connection_check_interval: STILL_THERE_EVERY_MS,
		},
	});
	try {
		await takeTurn(sql, waitMs);
		const before = await countApplied(sql);
		await migrate(drizzle(sql), { migrationsFolder: folder });
		return { applied: (await countApplied(sql)) - before };
	} finally {
		await sql.end({ timeout: 5 });
	}
}

/** The wait is for the turn alone: what a migration has to wait for is its own affair. */
async function takeTurn(sql: Sql, waitMs: number): Promise<void> {
	await sql`select set_config('lock_timeout', ${String(waitMs)}, false)`;
	try {
		await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
	} catch (error) {
		if (!(error instanceof postgres.PostgresError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
		throw new Error(
			`Another program has been migrating this database for more than ${waitMs / 1000} s. ` +
				"Its connection is the one named retyn-avm-migrate in pg_stat_activity.",
		);
	}
	await sql`reset lock_timeout`;
}

/** The journal that drizzle's migrator keeps, and makes with the first migration. */
async function countApplied(sql: Sql): Promise<number> {
	const [journal] = await sql<{ there: boolean }[]>`
		select to_regclass('drizzle.__drizzle_migrations') is not null as there`;
	if (!journal?.there) return 0;
	const [row] = await sql<{ count: number }[]>`select count(*)::int from drizzle.__drizzle_migrations`;
	return row?.count ?? 0;
}

/** `db/migrations` beside the code or above it: a bundle stands elsewhere than this file, and not always as deep. */
function migrationsFolder(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	for (;;) {
		const candidate = join(folder, "db", "migrations");
		if (existsSync(join(candidate, "meta", "_journal.json"))) return candidate;
		if (folder === dirname(folder))
			throw new Error("The folder db/migrations is missing beside the program.");
		folder = dirname(folder);
	}
}
