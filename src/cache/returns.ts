import { LRUCache } from "lru-cache";
import type { Coordination, FillFailure } from "./store.ts";

/** More than are under way when a store stops answering. */
const MAX_LOST = 1_000;
/** A store that has just come back may be busy; one that never takes a lease back must not be asked for ever. */
const MOST_ATTEMPTS = 5;

/** Gives leases back, so that nobody waits for the end of one that is of no use any more. */
export interface Returns {
	/** @throws what the store threw; whether it took the lease back is not known then, and `tryAgain` makes sure */
	giveBack(key: string, token: string, failure?: FillFailure): Promise<void>;
	/** Once more for those that failed. To be called before a lease is asked for: the store seems to answer again. */
	tryAgain(): void;
}

interface Lost {
	readonly key: string;
	readonly attempts: number;
}

export function createReturns(coordination: Coordination): Returns {
	const lost = new LRUCache<string, Lost>({ max: MAX_LOST });

	async function attempt(key: string, token: string, attempts: number, failure?: FillFailure): Promise<void> {
		try {
			await coordination.release(key, token, failure);
		} catch (error) {
			if (attempts < MOST_ATTEMPTS) lost.set(token, { key, attempts });
			throw error;
		}
	}

	return {
		giveBack: (key, token, failure) => attempt(key, token, 1, failure),
		tryAgain() {
			const again = [...lost.entries()];
			lost.clear();
			for (const [token, { key, attempts }] of again) attempt(key, token, attempts + 1).catch(() => {});
		},
	};
}
