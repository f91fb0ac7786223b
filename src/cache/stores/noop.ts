import type { CacheStore } from "../store.ts";

/** The name by which the engine knows that there is no point in asking, nor in saying that something was stored. */
export const NOOP = "noop";

/** Keeps nothing: every request is a miss. What production uses while Redis is switched off. */
export function createNoopStore(): CacheStore {
	return {
		name: NOOP,
		get: async () => undefined,
		set: async () => {},
		delete: async () => false,
		inspection: {
			list: async () => ({ keys: [] }),
			peek: async (keys) => keys.map(() => undefined),
			usage: async () => ({ usedBytes: 0, evictions: 0, entries: 0 }),
		},
	};
}
