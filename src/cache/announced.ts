import { type Bus, EVICTED_KEYS, EXPIRED_TAGS, PURGED_TAGS } from "./bus.ts";
import type { CacheStore } from "./store.ts";

/**
 * The same store, but what is purged, expired or evicted in it is told to the other instances, after it was done: who
 * hears of it and asks the store again sees it. A purge that could not be told has failed, as they may still serve from
 * memory what should be gone.
 */
export function announced(store: CacheStore, bus: Bus): CacheStore {
	const { coordination } = store;
	if (!coordination) return store;
	return {
		...store,
		coordination: {
			...coordination,
			async invalidate(tags, how) {
				await coordination.invalidate(tags, how);
				await bus.publish(how === "purge" ? PURGED_TAGS : EXPIRED_TAGS, tags);
			},
			async evict(key) {
				const existed = await coordination.evict(key);
				await bus.publish(EVICTED_KEYS, [key]);
				return existed;
			},
			onEvicted: (listener) =>
				bus.on(EVICTED_KEYS, (keys) => {
					for (const key of keys) listener(key);
				}),
		},
	};
}
