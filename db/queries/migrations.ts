import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import journal from "../migrations/meta/_journal.json" with { type: "json" };

/** When the newest migration that this code knows was written, milliseconds since the epoch: how the migrator names it. */
export const newestMigration: number = Math.max(...journal.entries.map(({ when }) => when));

const UNDEFINED_TABLE = "42P01";

/** The newest migration that the database has had; undefined where it never had any. */
export async function latestMigration(db: Database): Promise<number | undefined> {
	try {
		const [row] = await db.execute<{ latest: string | null }>(
			sql`select max(created_at) as latest from drizzle.__drizzle_migrations`,
		);
		return row?.latest ? Number(row.latest) : undefined;
	} catch (error) {
		const cause = error instanceof Error ? error.cause : undefined;
		if (cause instanceof Error && "code" in cause && cause.code === UNDEFINED_TABLE) return undefined;
		throw error;
	}
}
