import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";

/** Milliseconds after which the server gives up a statement of this connection; 0 for never. */
export async function statementTimeoutMs(db: Database): Promise<number> {
	const [row] = await db.execute<{ ms: number }>(
		sql`select setting::int as ms from pg_settings where name = 'statement_timeout'`,
	);
	return row?.ms ?? 0;
}
