import type { CacheListener } from "./events.ts";
import { failureCause } from "./failure.ts";
import type { Flights } from "./flight.ts";
import type { Policy } from "./policy.ts";
import type { Coordination, Invalidation } from "./store.ts";
import { EVERYTHING, prefixTag } from "./tags.ts";
import type { Purge, Purged } from "./types.ts";

/** Keys that are removed at a time, so that a long list does not fill the line to the store. */
const KEYS_AT_ONCE = 100;

export interface PurgerDeps {
	coordination: Coordination;
	storeName: string;
	flights: Flights<unknown>;
	policies: ReadonlyMap<string, Policy>;
	listener: CacheListener;
}

export interface Purger {
	purge(what: Purge): Promise<Purged>;
	expire(tags: readonly string[]): Promise<Purged>;
}

/** Turns what is to be forgotten into tags and keys, and keeps anybody from boarding a flight that left before. */
export function createPurger({ coordination, storeName, flights, policies, listener }: PurgerDeps): Purger {
	// Evicted elsewhere: what is filled here now was perhaps read before.
	coordination.onEvicted?.((evicted) => flights.drop((key) => key.startsWith(`${evicted} `)));

	async function purge(what: Purge): Promise<Purged> {
		if ("keys" in what) {
			const gone = await attempt(() => evictAll(what.keys));
			listener({ type: "purged", tags: [], keys: what.keys.length });
			return { tags: 0, keys: gone };
		}
		const tags = tagsOf(what);
		await invalidate(tags, "purge");
		listener({ type: "purged", tags, keys: 0 });
		return { tags: tags.length, keys: 0 };
	}

	function tagsOf(what: Exclude<Purge, { keys: readonly string[] }>): readonly string[] {
		if ("everything" in what) return [EVERYTHING];
		if ("tags" in what) return what.tags;
		if ("prefix" in what) return [prefixTag(what.prefix)];
		const policy = policies.get(what.policy);
		if (!policy) throw new TypeError(`There is no cache policy named "${what.policy}"`);
		return [prefixTag(policy.prefix)];
	}

	/** How many there were. */
	async function evictAll(keys: readonly string[]): Promise<number> {
		const failures: unknown[] = [];
		let gone = 0;
		for (let index = 0; index < keys.length; index += KEYS_AT_ONCE) {
			const some = keys.slice(index, index + KEYS_AT_ONCE);
			const results = await Promise.allSettled(some.map((key) => coordination.evict(key)));
			for (const result of results) {
				if (result.status === "rejected") failures.push(result.reason);
				else if (result.value) gone += 1;
			}
		}
		// The last one knows of all that are pending.
		if (failures.length > 0) throw failures.at(-1);
		return gone;
	}

	function invalidate(tags: readonly string[], how: Invalidation): Promise<void> {
		return attempt(async () => {
			if (tags.length > 0) await coordination.invalidate(tags, how);
		});
	}

	async function attempt<T>(work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (error) {
			const cause = failureCause(error);
			listener({ type: "store-failed", operation: "purge", store: storeName, cause, error });
			throw error;
		} finally {
			flights.drop();
		}
	}

	return {
		purge,
		async expire(tags) {
			await invalidate(tags, "expire");
			listener({ type: "expired", tags, keys: 0 });
			return { tags: tags.length, keys: 0 };
		},
	};
}
