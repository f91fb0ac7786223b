import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { prepared } from "../prepared.ts";
import { marketState } from "../schema/index.ts";

const age = prepared((db) =>
	db
		.select({
			seconds: sql<number>`extract(epoch from clock_timestamp() - ${marketState.viewsRefreshedAt})::float8`,
		})
		.from(marketState)
		.prepare("views_age"),
);

/** Seconds since the views over the market were made anew, by whichever process; undefined before there are any. */
export async function viewsAgeS(db: Database): Promise<number | undefined> {
	const [row] = await age(db).execute();
	return row?.seconds;
}
