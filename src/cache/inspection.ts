import type { StoreUsage } from "./store.ts";

/**
 * What can be seen of a cache from outside, without changing or counting anything. All of it rejects when the store
 * cannot tell, and is empty over a store that has no `inspection`.
 */
export interface Inspectable {
	/**
	 * A page of the entries whose keys begin with `prefix`, "" for all; those that are gone by now are left out, so a page
	 * may be empty and not the last. @throws {RangeError} on a limit that is no whole number from 1 to 1,000
	 */
	entries(prefix: string, page: EntriesAsked): Promise<EntryPage>;
	/** One entry without its body; undefined when there is none. */
	entry(key: string): Promise<EntryDetail | UnreadableEntry | undefined>;
	/** Counts what the store holds. Never two at once: who asks while one is under way is given that one's result. */
	census(within: CensusOptions): Promise<Census>;
	usage(): Promise<StoreUsage>;
}

export interface EntriesAsked {
	/** That of the page before; absent for the first. Any other gives a list of no meaning, but no error. */
	readonly cursor?: string | undefined;
	/** How many, about: a store that cannot stop in the middle gives some more. */
	readonly limit: number;
}

export interface EntryPage {
	readonly entries: readonly EntrySummary[];
	/** Absent at the end. */
	readonly cursor?: string;
}

/** What the beginning of an entry tells, unchecked: only `entry` sees the whole, and whether it is signed. */
export interface EntrySummary {
	readonly key: string;
	/** Absent, with all that comes from the entry itself, where the bytes are not ours. */
	readonly policy?: string;
	/** Header and body, as stored. */
	readonly bytes: number;
	/** Milliseconds since the epoch. */
	readonly storedAt?: number;
	/** Whole seconds. */
	readonly ageS?: number;
	/** Whole seconds until it is stale by its time, whatever was purged; below 0 once it is. */
	readonly ttlS?: number;
	/** Whole seconds that the store keeps it yet. Absent where it has no end, which no entry of ours is without. */
	readonly keptS?: number;
}

/** Instants are milliseconds since the epoch. */
export interface EntryDetail {
	readonly key: string;
	/** What it may be used for now, by its time and the marks of its tags. */
	readonly state: EntryState;
	readonly policy: string;
	readonly status: number;
	readonly headers: readonly (readonly [name: string, value: string])[];
	/** Names of its tags, those of its policy included. */
	readonly tags: readonly string[];
	readonly coding?: "gzip";
	/** Bytes of the body before compression. */
	readonly length: number;
	/** Bytes of header and body, as stored. */
	readonly bytes: number;
	readonly storedAt: number;
	readonly freshUntil: number;
	readonly staleUntil: number;
	readonly staleIfErrorUntil: number;
	/** Whole seconds. */
	readonly ageS: number;
	/** Whole seconds; below 0 where it is not fresh. */
	readonly ttlS: number;
	/** How long making it took, in milliseconds. */
	readonly fillMs: number;
	/** Whole seconds that the store keeps it yet. */
	readonly keptS?: number;
}

export type EntryState = "fresh" | "stale" | "stale-if-error" | "expired" | "invalidated";

/** Bytes under a key that no lookup would take for an entry: foreign, cut off, of another version or not signed. */
export interface UnreadableEntry {
	readonly key: string;
	readonly unreadable: true;
	readonly bytes: number;
	readonly keptS?: number;
}

export interface CensusOptions {
	/** Milliseconds after which no further page is read. */
	readonly withinMs: number;
}

export interface Census {
	/** False when time ran out: then the numbers are those of a part. */
	readonly complete: boolean;
	/** All, those of no policy here included. */
	readonly entries: number;
	readonly bytes: number;
	/** Of each policy of this cache, by its name. */
	readonly policies: Readonly<Record<string, PolicyCensus>>;
}

export interface PolicyCensus {
	readonly entries: number;
	readonly bytes: number;
}
