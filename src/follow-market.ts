import type { DatabaseHandle } from "../db/client.ts";
import { changesSince, latestRun, type MarketChange } from "../db/queries/import-runs.ts";
import type { DirectoryKeeper } from "./areas/directory.ts";
import { type Cache, PurgePending } from "./cache/index.ts";
import { type Follower, follow } from "./follow.ts";
import type { Logger } from "./lib/logger.ts";
import { tags } from "./policies.ts";
import type { ModelKeeper } from "./valuation/model-keeper.ts";

export interface FollowDeps {
	database: DatabaseHandle;
	cache: Cache;
	logger: Logger;
	/** Milliseconds between attempts at what failed. @default 1000 */
	retryMs?: number;
}

/** The tags of every answer that a change has outgrown. */
export function tagsOf(change: Omit<MarketChange, "runId">): string[] {
	return [
		...change.touchedAreaIds.map(tags.area),
		...(change.salesNamesChanged ? [tags.salesNames] : []),
		...(change.rentalNamesChanged ? [tags.rentalNames] : []),
	];
}

/**
 * Hears of imports, whichever process ran them, and forgets what they changed. What was missed while the connection
 * was down is made up for by comparing import runs; what was committed before the first time is taken for known.
 */
export function followMarket(deps: FollowDeps & { directory: DirectoryKeeper }): Follower {
	const { database, directory, logger } = deps;
	let seen: number | undefined;
	return follow({
		...deps,
		channel: "retyn_market",
		what: "The market",
		async catchUp() {
			if (seen === undefined) {
				seen = await latestRun(database.db);
				await directory.refresh();
				return;
			}
			for (const change of await changesSince(database.db, { runId: seen })) {
				await directory.refresh();
				await purge(deps, tagsOf(change));
				seen = change.runId;
				logger.info({ run: change.runId, areas: change.touchedAreaIds.length }, "Market changed");
			}
		},
	});
}

/** Hears of another model that was put to use, and forgets what was worked out by the one before. */
export function followModel(deps: FollowDeps & { models: ModelKeeper }): Follower {
	const { models, logger } = deps;
	let seen: string | null | undefined;
	return follow({
		...deps,
		channel: "retyn_model",
		what: "The valuation's model",
		async catchUp() {
			await models.refresh();
			const version = models.known?.current?.version ?? null;
			if (seen !== undefined && seen !== version) {
				await purge(deps, [tags.model]);
				logger.info({ version }, "Another model values");
			}
			seen = version;
		},
	});
}

async function purge({ cache, logger }: FollowDeps, outdated: readonly string[]): Promise<void> {
	try {
		await cache.purge({ tags: outdated });
	} catch (error) {
		// The cache has written it down, and reads nothing from the store before it is done.
		if (!(error instanceof PurgePending)) throw error;
		logger.warn({ pending: error.pending }, "What has changed is forgotten when the store answers");
	}
}
