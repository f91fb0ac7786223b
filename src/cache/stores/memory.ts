import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import { localCoordination } from "../coordination/local.ts";
import type { CacheStore } from "../store.ts";
import { memoryInspection, type Slot } from "./memory-inspection.ts";

export interface MemoryStoreOptions {
	clock: Clock;
	/** Bound on keys and values together. */
	maxBytes: number;
	/** Bound on entries, for stores full of tiny ones. Default 100,000. */
	maxEntries?: number;
}

/** Of an entry beside its key and value, rounded up: bookkeeping, and what is remembered of it once it was read and sent. */
const OVERHEAD_BYTES = 2 * 1024;

/**
 * Keeps entries in this process, the least recently used going first when a bound is reached. What `get` gives is the
 * very object that was set, so whoever decodes it may remember by identity what it came to.
 */
export function createMemoryStore({ clock, maxBytes, maxEntries = 100_000 }: MemoryStoreOptions): CacheStore {
	let evictions = 0;
	const slots = new LRUCache<string, Slot>({
		max: maxEntries,
		maxSize: maxBytes,
		sizeCalculation: (slot, key) => slot.value.byteLength + key.length * 2 + OVERHEAD_BYTES,
		dispose(_slot, _key, reason) {
			if (reason === "evict") evictions += 1;
		},
	});

	/** Milliseconds; 0 when its time is over. */
	function leftOf(slot: Slot): number {
		const ageMs = clock() - slot.setAt;
		// Set later than now: the clock was set back, and how old this is, is not known.
		return ageMs >= 0 ? Math.max(0, slot.ttlMs - ageMs) : 0;
	}

	const store: CacheStore = {
		name: "memory",
		get(key) {
			const slot = slots.get(key);
			if (!slot) return undefined;
			const remainingMs = leftOf(slot);
			if (remainingMs > 0) return { value: slot.value, remainingMs };
			slots.delete(key);
			return undefined;
		},
		async set(key, value, ttlMs) {
			slots.set(key, { value, setAt: clock(), ttlMs });
		},
		async delete(key) {
			return slots.delete(key);
		},
	};
	const { get, set, delete: evict } = store;
	return {
		...store,
		coordination: localCoordination({ clock, get, set, evict }),
		inspection: memoryInspection({ slots, leftOf, maxBytes, evictions: () => evictions }),
	};
}
