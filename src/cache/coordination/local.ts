import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import type { CacheStore, Coordination, Generations } from "../store.ts";
import { expiredMark, newMark } from "../tags.ts";
import { createLeases } from "./leases.ts";

export interface LocalCoordinationOptions {
	clock: Clock;
	/** The store's own `delete`. */
	evict: CacheStore["delete"];
	get: CacheStore["get"];
	set: CacheStore["set"];
	/** Bound on tags whose mark is remembered; one that is forgotten voids its entries. Default 100,000. */
	maxTags?: number;
	/** Bound on keys that are being filled or fail. Default 10,000. */
	maxLeases?: number;
}

/**
 * The whole capability within one process, over any store that can get, set and delete. Marks and leases are lost with
 * the process: what outlives it in the store is then a miss.
 */
export function localCoordination(options: LocalCoordinationOptions): Coordination {
	const { clock, evict, get, set, maxTags = 100_000, maxLeases = 10_000 } = options;
	const marks = new LRUCache<string, string>({ max: maxTags });
	const leases = createLeases(clock, maxLeases);
	/** Writes that the store has not finished; one for each key, standing for all that went before. */
	const writes = new Map<string, Promise<unknown>>();

	function markOf(tag: string): string {
		const known = marks.get(tag);
		if (known !== undefined) return known;
		const created = newMark();
		marks.set(tag, created);
		return created;
	}

	function areCurrent(generations: Generations): boolean {
		return Object.entries(generations).every(([tag, captured]) => marks.get(tag) === captured);
	}

	async function write(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
		const written = set(key, value, ttlMs);
		const all = Promise.allSettled([writes.get(key), written]);
		writes.set(key, all);
		try {
			await written;
		} finally {
			if (writes.get(key) === all) writes.delete(key);
		}
	}

	return {
		generations: (tags) => tags.map(markOf),
		async invalidate(tags, how) {
			for (const tag of tags) {
				const mark = marks.get(tag);
				marks.set(tag, how === "expire" && mark !== undefined ? expiredMark(mark) : newMark());
			}
		},
		async evict(key) {
			leases.drop(key);
			// What is being written now must not appear after we have said that it is gone.
			await writes.get(key);
			return evict(key);
		},
		async acquire(key, token, leaseMs) {
			const claim = leases.claim(key, token, leaseMs);
			if (claim.state !== "won") return claim;
			try {
				const hit = await get(key);
				return hit ? { ...claim, hit } : claim;
			} catch (error) {
				leases.giveBack(key, token);
				throw error;
			}
		},
		async commit(key, value, ttlMs, { token, generations }) {
			if (!leases.holds(key, token)) return "lease-lost";
			if (!areCurrent(generations)) {
				leases.giveBack(key, token);
				return "invalidated";
			}
			try {
				// Nothing is awaited between the checks above and the store's beginning to write.
				await write(key, value, ttlMs);
				if (leases.isLast(key, token)) return "stored";
			} finally {
				leases.giveBack(key, token);
			}
			// Evicted, or filled by somebody else, while a slow store wrote. Which of the two it kept is not known.
			await evict(key);
			return "lease-lost";
		},
		async release(key, token, failure) {
			leases.giveBack(key, token, failure);
		},
	};
}

/** For a store that nobody shares, or that has to do without: once per process. */
export function standIn(store: CacheStore, clock: Clock): Coordination {
	return localCoordination({
		clock,
		get: (key) => store.get(key),
		set: (key, value, ttlMs) => store.set(key, value, ttlMs),
		evict: (key) => store.delete(key),
	});
}
