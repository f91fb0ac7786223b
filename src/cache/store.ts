/** At once where it can be, so that an answer that is in memory costs no turn of the event loop; else a promise. */
export type Awaitable<T> = T | Promise<T>;

/** What a store gives back: the bytes that were put in, and how long the store itself will keep them. */
export interface StoreHit {
	readonly value: Uint8Array;
	/** Milliseconds until the store drops the entry by its own clock, where it knows without a second trip. */
	readonly remainingMs?: number | undefined;
	/** The name of the store that had it, where this one is made of several. */
	readonly tier?: string;
}

/**
 * A cache backend: named bytes with a time to live. Nothing else is asked of it; deadlines, tiers and counters are
 * wrappers with this same shape. A store may reject; whoever calls it from a request treats that as a miss.
 */
export interface CacheStore {
	/** Appears in logs and metrics, so: short, fixed, no secrets. */
	readonly name: string;
	/** The entry, or undefined when there is none or it has run out. */
	get(key: string): Awaitable<StoreHit | undefined>;
	/** Stores or replaces. `ttlMs` is a whole number of milliseconds above 0. */
	set(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
	/** Whether there was something to remove. */
	delete(key: string): Promise<boolean>;
	/** Declared by stores that several processes share; wrappers must forward it. */
	readonly coordination?: Coordination;
	/** Declared by stores that can be looked into; wrappers must forward it. */
	readonly inspection?: Inspection;
}

/**
 * The optional capability of a store to coordinate those who share it: invalidation by tag whatever the number of
 * entries, one fill per key, and writes that land only while they are still wanted. The engine stands in for it, within
 * one process, over a store that does not have it.
 */
export interface Coordination {
	/** The current mark of each tag, in the order asked for; a tag without one is given one. See `tags.ts`. */
	generations(tags: readonly string[]): Awaitable<string[]>;
	/**
	 * Entries and marks in one round trip, in the order asked for. Declared only where that is cheaper than to ask for
	 * each; then it is what a request is looked up by.
	 */
	readTogether?(keys: readonly string[], tags: readonly string[]): Promise<ReadTogether>;
	/** `purge`: entries with any of the tags are gone. `expire`: they are stale from now on. O(1) for each tag. */
	invalidate(tags: readonly string[], how: Invalidation): Promise<void>;
	/** Removes one entry together with the lease on it, so a fill under way is not stored. Whether there was an entry. */
	evict(key: string): Promise<boolean>;
	/**
	 * Asks to be the one who fills this key. `token` is random, one for each attempt. The lease ends by itself after
	 * `leaseMs`, so that nobody waits for ever for a process that died.
	 */
	acquire(key: string, token: string, leaseMs: number): Promise<Claim>;
	/**
	 * Stores what the holder of the lease filled and gives the lease back, in one step; but only while the lease is
	 * still held with this token and every tag's mark is the one captured before the fill read anything. Whoever is
	 * refused has lost nothing but a copy that nobody may have, and holds no lease any more.
	 */
	commit(key: string, value: Uint8Array, ttlMs: number, held: Held): Promise<CommitOutcome>;
	/** Gives the lease back without storing; with `failure`, nobody tries this key again for `retryInMs`. */
	release(key: string, token: string, failure?: FillFailure): Promise<void>;
	/** Tells of keys that another process evicted, until the returned function is called. */
	onEvicted?(listener: (key: string) => void): () => void;
}

export interface ReadTogether {
	readonly hits: readonly (StoreHit | undefined)[];
	/** An error for a tag whose mark could not be told: that is no matter to those who ask for others. */
	readonly marks: readonly (string | Error)[];
}

export type Invalidation = "purge" | "expire";

/** The mark of each tag that an answer depends on, as it was before its handler ran. */
export type Generations = Readonly<Record<string, string>>;

export interface Held {
	readonly token: string;
	readonly generations: Generations;
}

export type Claim =
	/**
	 * Ours. `hit` is what is stored now: somebody may have filled it while we asked. `failures`: attempts, by whomever,
	 * that failed in a row until now, where any did.
	 */
	| { readonly state: "won"; readonly hit?: StoreHit; readonly failures?: number }
	/** Somebody else fills. */
	| { readonly state: "held"; readonly remainingMs: number }
	/** The last attempt, by whomever, failed, and it is too early for another. */
	| ({ readonly state: "failing" } & FillFailure);

export interface FillFailure {
	/** HTTP status that stands for what went wrong: 500, 502, 503, 504. */
	readonly status: number;
	/** Attempts that failed in a row, this one included. */
	readonly failures: number;
	/** Milliseconds until the next attempt may be made. */
	readonly retryInMs: number;
}

export type CommitOutcome = "stored" | "lease-lost" | "invalidated";

/**
 * The optional capability of a store to be looked into, for people and gauges. It changes nothing, recency included, and
 * is never on the way of a request.
 */
export interface Inspection {
	/**
	 * A page of the names of entries beginning with `prefix`, "" for all. Marks, leases and other state of the store are
	 * no entries. What is stored from the first page to the last is listed once at least.
	 */
	list(prefix: string, page: ListAsked): Promise<Listed>;
	/** Of each key, in the order asked for, what is there; undefined where it is gone. `headBytes` is above 0. */
	peek(keys: readonly string[], headBytes: number): Promise<(Peeked | undefined)[]>;
	usage(): Promise<StoreUsage>;
}

export interface ListAsked {
	/** That of the page before; absent for the first. Any other gives a list of no meaning, but no error. */
	readonly cursor?: string | undefined;
	/** How many names, about: fewer where that takes long, some more where the store cannot stop in the middle. */
	readonly limit: number;
}

export interface Listed {
	readonly keys: readonly string[];
	/** Absent at the end. */
	readonly cursor?: string;
}

export interface Peeked {
	/** Length of what is stored. */
	readonly bytes: number;
	/** How long the store keeps it yet; absent where it has no end. */
	readonly remainingMs?: number;
	/** The first bytes, as many as were asked for. */
	readonly head: Uint8Array;
}

export interface StoreUsage {
	/** What it takes up now, by its own count. */
	readonly usedBytes: number;
	/** Absent where there is no bound. */
	readonly maxBytes?: number;
	/** Entries dropped for want of room since the store began. */
	readonly evictions: number;
	/** How many there are, by the store's own count; in Redis marks and leases are among them. */
	readonly entries: number;
}
