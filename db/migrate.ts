import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

/** Any constant will do, as long as no other lock of this database uses it. */
const MIGRATION_LOCK = 7_203_114;

/** Brings the schema up to date. Copies that start together wait for the first one, then find nothing to do. */
export async function migrateDatabase(url: string, folder = migrationsFolder()): Promise<void> {
	const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
	try {
		await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
		await migrate(drizzle(sql), { migrationsFolder: folder });
	} finally {
		await sql.end({ timeout: 5 });
	}
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
