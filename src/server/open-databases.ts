import { type DatabaseHandle, openDatabase, type QueryObserver } from "../../db/client.ts";
import { statementTimeoutMs } from "../../db/queries/statement-timeout.ts";
import { openReplicas, type Replicas } from "../../db/replicas.ts";
import type { Config } from "../config.ts";
import type { Logger } from "../lib/logger.ts";

export interface OpenedDatabases {
	readonly primary: DatabaseHandle;
	/** Absent where there are none. */
	readonly replicas?: Replicas;
	close(): Promise<unknown>;
}

/** The database that requests are answered from, and its replicas. Connects lazily, but for what watches the replicas. */
export function openDatabases(
	{ database }: Config,
	{ logger, observe }: { logger: Logger; observe: QueryObserver | undefined },
): OpenedDatabases {
	const pool = {
		max: database.pool,
		statementTimeoutMs: database.statementTimeoutMs,
		failFast: true,
		fetchTypes: false,
		observe,
	};
	const primary = openDatabase({
		...pool,
		url: database.url,
		pooled: database.pooled,
		directUrl: database.directUrl,
	});
	if (database.pooled) void checkTimeLimit(primary, database.statementTimeoutMs, logger);
	if (database.replicaUrls.length === 0) return { primary, close: primary.close };
	const replicas = openReplicas({
		urls: database.replicaUrls,
		primary,
		primaryUrl: database.directUrl,
		lagMs: database.replicaLagMs,
		pool,
		logger,
	});
	return { primary, replicas, close: () => Promise.all([primary.close(), replicas.close()]) };
}

/** A pooler takes no settings from us, so all that can be done is to say that one is missing there. */
async function checkTimeLimit({ db }: DatabaseHandle, wantedMs: number, logger: Logger): Promise<void> {
	try {
		const ms = await statementTimeoutMs(db);
		if (ms > 0 && ms <= wantedMs) return;
		logger.warn(
			{ statementTimeoutMs: ms, wantedMs },
			"Statements have no such time limit behind the pooler: set it there, see docs/postgresql.md",
		);
	} catch {
		// That the database is away is said by whoever needs it.
	}
}
