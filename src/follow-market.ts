import type { DatabaseHandle } from "../db/client.ts";
import { changesSince, latestRun, type MarketChange } from "../db/queries/import-runs.ts";
import type { DirectoryKeeper } from "./areas/directory-keeper.ts";
import type { Cache } from "./cache/index.ts";
import type { Logger } from "./lib/logger.ts";
import { tags } from "./policies.ts";

/** Imports notify this channel when they commit. */
const CHANNEL = "retyn_market";
const RETRY_MS = 1_000;

export interface FollowDeps {
	database: DatabaseHandle;
	cache: Cache;
	directory: DirectoryKeeper;
	logger: Logger;
}

/** The tags of every answer that a change has outgrown. */
export function tagsOf(change: Omit<MarketChange, "runId">): string[] {
	return [
		...change.touchedAreaIds.map(tags.area),
		...(change.salesNamesChanged ? [tags.salesNames] : []),
		...(change.rentalNamesChanged ? [tags.rentalNames] : []),
	];
}

export interface MarketFollower {
	/** Resolves once changes are heard of; what was committed before that is taken for known. */
	readonly following: Promise<void>;
	stop(): Promise<void>;
}

/**
 * Hears of imports, whichever process ran them, and forgets what they changed. What was missed while the connection
 * was down is made up for on reconnecting, by comparing import runs.
 */
export function followMarket({ database, cache, directory, logger }: FollowDeps): MarketFollower {
	let seen: number | undefined;
	let work = Promise.resolve();
	let stopped = false;
	const started = Promise.withResolvers<void>();
	const pause = createPause();

	/** One at a time: two notifications in a row must not both start from the same run. */
	function catchUp(): void {
		work = work.then(forgetChanges).catch((error: unknown) => {
			logger.warn({ error }, "What an import changed could not be read; it will be with the next one");
		});
	}

	async function forgetChanges(): Promise<void> {
		if (seen === undefined) {
			seen = await latestRun(database.db);
			started.resolve();
			return;
		}
		const changes = await changesSince(database.db, { runId: seen });
		for (const change of changes) {
			await directory.refresh();
			await cache.invalidate(tagsOf(change));
			seen = change.runId;
			logger.info({ run: change.runId, areas: change.touchedAreaIds.length }, "Market changed");
		}
	}

	// The driver reconnects by itself once it has listened; the first time we have to insist.
	const listening = (async () => {
		for (let attempt = 0; !stopped; attempt += 1) {
			try {
				return await database.sql.listen(CHANNEL, catchUp, catchUp);
			} catch (error) {
				if (attempt === 0)
					logger.warn({ error }, "Imports cannot be heard of yet: the database does not answer");
				await pause.wait(RETRY_MS);
			}
		}
		return undefined;
	})();

	return {
		following: started.promise,
		async stop() {
			stopped = true;
			pause.end();
			const connection = await listening;
			await connection?.unlisten().catch(() => {});
			await work;
		},
	};
}

/** A wait that can be cut short, so that stopping never waits for it. */
function createPause() {
	let end = () => {};
	return {
		wait: (ms: number) =>
			new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, ms);
				end = () => {
					clearTimeout(timer);
					resolve();
				};
			}),
		end: () => end(),
	};
}
