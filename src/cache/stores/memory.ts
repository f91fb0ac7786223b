import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import { localCoordination } from "../coordination/local.ts";
import type { CacheStore } from "../store.ts";

export interface MemoryStoreOptions {
	clock: Clock;
	/** Bound on keys and values together. */
	maxBytes: number;
	/** Bound on entries, for stores full of tiny ones. Default 100,000. */
	maxEntries?: number;
}

interface Slot {
	readonly value: Uint8Array;
	readonly expiresAt: number;
}

/** Bookkeeping of an entry beside its key and value, rounded up. */
const OVERHEAD_BYTES = 128;

/**
 * Keeps entries in this process, the least recently used going first when a bound is reached. What `get` gives is the
 * very object that was set, so whoever decodes it may remember by identity what it came to.
 */
export function createMemoryStore({ clock, maxBytes, maxEntries = 100_000 }: MemoryStoreOptions): CacheStore {
	const slots = new LRUCache<string, Slot>({
		max: maxEntries,
		maxSize: maxBytes,
		sizeCalculation: (slot, key) => slot.value.byteLength + key.length * 2 + OVERHEAD_BYTES,
	});

	const store: CacheStore = {
		name: "memory",
		async get(key) {
			const slot = slots.get(key);
			if (!slot) return undefined;
			const remainingMs = slot.expiresAt - clock();
			if (remainingMs > 0) return { value: slot.value, remainingMs };
			slots.delete(key);
			return undefined;
		},
		async set(key, value, ttlMs) {
			slots.set(key, { value, expiresAt: clock() + ttlMs });
		},
		async delete(key) {
			return slots.delete(key);
		},
	};
	const { get, set, delete: evict } = store;
	return { ...store, coordination: localCoordination({ clock, get, set, evict }) };
}
