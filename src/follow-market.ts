import type { DatabaseHandle } from "../db/client.ts";
import { changesSince, latestRun, type MarketChange } from "../db/queries/import-runs.ts";
import type { DirectoryKeeper } from "./areas/directory-keeper.ts";
import { type Cache, PurgePending } from "./cache/index.ts";
import type { Logger } from "./lib/logger.ts";
import { createPause } from "./lib/pause.ts";
import { tags } from "./policies.ts";

/** Imports notify this channel when they commit. */
const CHANNEL = "retyn_market";
const RETRY_MS = 1_000;
const UNLISTEN_WITHIN_MS = 1_000;

export interface FollowDeps {
	database: DatabaseHandle;
	cache: Cache;
	directory: DirectoryKeeper;
	logger: Logger;
	/** Milliseconds between attempts at what failed. @default 1000 */
	retryMs?: number;
}

export interface MarketFollower {
	/** Resolves once changes are heard of; what was committed before that is taken for known. */
	readonly following: Promise<void>;
	stop(): Promise<void>;
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
 * was down is made up for on reconnecting, by comparing import runs; what could not be forgotten is tried again until
 * it is.
 */
export function followMarket(deps: FollowDeps): MarketFollower {
	const { database, cache, directory, logger, retryMs = RETRY_MS } = deps;
	const pause = createPause();
	const started = Promise.withResolvers<void>();
	let seen: number | undefined;
	let wanted = false;
	let working: Promise<void> | undefined;

	/** One at a time: two notifications in a row must not both start from the same run. */
	function catchUp(): void {
		wanted = true;
		working ??= work().finally(() => {
			working = undefined;
		});
	}

	async function work(): Promise<void> {
		for (let failures = 0; wanted && !pause.ended; ) {
			wanted = false;
			try {
				await forgetChanges();
				failures = 0;
			} catch (error) {
				wanted = true;
				failures += 1;
				if (failures === 1)
					logger.warn({ error }, "What an import changed is not forgotten yet; trying again");
				await pause.wait(retryMs);
			}
		}
	}

	async function forgetChanges(): Promise<void> {
		if (seen === undefined) {
			seen = await latestRun(database.db);
			await directory.refresh();
			started.resolve();
			return;
		}
		for (const change of await changesSince(database.db, { runId: seen })) {
			await directory.refresh();
			await purge(tagsOf(change));
			seen = change.runId;
			logger.info({ run: change.runId, areas: change.touchedAreaIds.length }, "Market changed");
		}
	}

	async function purge(outdated: readonly string[]): Promise<void> {
		try {
			await cache.purge({ tags: outdated });
		} catch (error) {
			// The cache has written it down, and reads nothing from the store before it is done.
			if (!(error instanceof PurgePending)) throw error;
			logger.warn({ pending: error.pending }, "What an import changed is forgotten when the store answers");
		}
	}

	// The driver reconnects by itself once it has listened; the first time we have to insist.
	const listening = (async () => {
		for (let attempt = 0; !pause.ended; attempt += 1) {
			try {
				return await database.sql.listen(CHANNEL, catchUp, catchUp);
			} catch (error) {
				if (attempt === 0) {
					logger.warn({ error }, "Imports cannot be heard of yet: the database does not answer");
				}
				await pause.wait(retryMs);
			}
		}
		return undefined;
	})();

	return {
		following: started.promise,
		async stop() {
			pause.end();
			const farewell = (async () => {
				await (await listening)?.unlisten();
				await working;
			})().catch(() => {});
			// A database that hangs must not keep the process from ending.
			const patience = createPause();
			await Promise.race([farewell, patience.wait(UNLISTEN_WITHIN_MS)]);
			patience.end();
		},
	};
}
