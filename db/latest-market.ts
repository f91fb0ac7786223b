import type { Database } from "./client.ts";
import { marketVersion } from "./queries/market-changes.ts";
import type { Replicas } from "./replicas.ts";

/** The market as of now, for whoever works out an answer that is kept. */
export interface LatestMarket {
	/** The data version of the primary. */
	readonly version: number;
	/** What is read there is of this version or a later one, wherever it is. */
	readonly db: Database;
}

/**
 * First thing that is asked for an answer, once it is known what the cache will check. A change is purged after it is committed,
 * and from then on the primary tells its version: so what is read of a replica that has reached it is never older than what was purged
 * before. Nobody has to hear of the change in time.
 */
export async function latestMarket(primary: Database, replicas?: Replicas): Promise<LatestMarket> {
	const version = await marketVersion(primary);
	return { version, db: replicas?.at(version) ?? primary };
}
