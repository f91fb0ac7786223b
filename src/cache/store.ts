/** What a store gives back: the bytes that were put in, and how long the store itself will keep them. */
export interface StoreHit {
	readonly value: Uint8Array;
	/** Milliseconds until the store drops the entry by its own clock, where it knows without a second trip. */
	readonly remainingMs?: number;
}

/**
 * A cache backend: named bytes with a time to live. Nothing else is asked of it; deadlines, tiers and counters are
 * wrappers with this same shape. A store may reject; whoever calls it from a request treats that as a miss.
 */
export interface CacheStore {
	/** Appears in logs and metrics, so: short, fixed, no secrets. */
	readonly name: string;
	/** The entry, or undefined when there is none or it has run out. */
	get(key: string): Promise<StoreHit | undefined>;
	/** Stores or replaces. `ttlMs` is a whole number of milliseconds above 0. */
	set(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
	/** Whether there was something to remove. */
	delete(key: string): Promise<boolean>;
	/** Declared by stores that several processes share; wrappers must forward it. */
	readonly coordination?: Coordination;
}

/**
 * The optional capability of a store that can invalidate by tag, whatever the number of entries. Generations are
 * random, so no clocks are compared and a lost one never matches an entry again.
 */
export interface Coordination {
	/** The current generation of each tag, in the order asked for; a tag without one is given one. */
	generations(tags: readonly string[]): Promise<string[]>;
	/** Gives every tag a new generation: all entries that carry an older one are void from now on. */
	invalidate(tags: readonly string[]): Promise<void>;
}
