import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
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
const MAX_TAGS = 100_000;

/** Keeps entries in this process, the least recently used going first when the bound is reached. */
export function createMemoryStore(options: MemoryStoreOptions): CacheStore {
	const slots = new LRUCache<string, Slot>({
		max: options.maxEntries ?? 100_000,
		maxSize: options.maxBytes,
		sizeCalculation: (slot, key) => slot.value.byteLength + key.length * 2 + OVERHEAD_BYTES,
	});
	// A forgotten tag gets a new generation, which voids its entries: a bound costs misses, never a wrong answer.
	const generations = new LRUCache<string, string>({ max: MAX_TAGS });

	return {
		name: "memory",
		async get(key) {
			const slot = slots.get(key);
			if (!slot) return undefined;
			const remainingMs = slot.expiresAt - options.clock();
			if (remainingMs <= 0) {
				slots.delete(key);
				return undefined;
			}
			return { value: slot.value, remainingMs };
		},
		async set(key, value, ttlMs) {
			slots.set(key, { value, expiresAt: options.clock() + ttlMs });
		},
		async delete(key) {
			return slots.delete(key);
		},
		coordination: {
			async generations(tags) {
				return tags.map((tag) => {
					const known = generations.get(tag);
					if (known) return known;
					const created = randomUUID();
					generations.set(tag, created);
					return created;
				});
			},
			async invalidate(tags) {
				for (const tag of tags) generations.set(tag, randomUUID());
			},
		},
	};
}
