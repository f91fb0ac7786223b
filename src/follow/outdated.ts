import type { MarketChange } from "../../db/queries/market-changes.ts";
import { type Cache, PurgePending } from "../cache/index.ts";
import type { Logger } from "../lib/logger.ts";
import { tags } from "../policies.ts";

/** What is to be forgotten. */
export interface Outdated {
	readonly everything: boolean;
	readonly tags: readonly string[];
}

/** The tags of every answer that these changes have outgrown. */
export function outdatedBy(changes: readonly MarketChange[]): Outdated {
	return {
		everything: changes.some((change) => change.everything),
		tags: [
			...new Set(changes.flatMap((change) => change.areaIds.map(tags.area))),
			...(changes.some((change) => change.salesNamesChanged) ? [tags.salesNames] : []),
			...(changes.some((change) => change.rentalNamesChanged) ? [tags.rentalNames] : []),
		],
	};
}

export interface Forgetter {
	/** Purges it, or remembers that it has to be. Whether nothing is left to be purged. */
	forget(outdated: Outdated): Promise<boolean>;
}

/**
 * Purges what has changed, and tries again at the next call what the store did not take: the cache reads nothing from it
 * before that, but would not know of it any more if this process were killed.
 */
export function createForgetter({ cache, logger }: { cache: Cache; logger: Logger }): Forgetter {
	let everything = false;
	const owed = new Set<string>();

	return {
		async forget(outdated) {
			everything ||= outdated.everything;
			for (const tag of outdated.tags) owed.add(tag);
			if (!everything && owed.size === 0) return true;
			try {
				await cache.purge(everything ? { everything: true } : { tags: [...owed] });
			} catch (error) {
				if (!(error instanceof PurgePending)) throw error;
				logger.warn({ pending: error.pending }, "What has changed is forgotten when the store answers");
				return false;
			}
			everything = false;
			owed.clear();
			return true;
		},
	};
}
