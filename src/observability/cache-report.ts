import type { HistogramSnapshot } from "./histogram.ts";

/** How often each of a few words was counted. What was never counted is left out. */
export type Counts = Readonly<Record<string, number>>;

/** Asked for and answered from the cache, or not; what went past the cache is in neither. */
export interface Answered {
	/** Hits, and answers past their time. */
	readonly served: number;
	readonly missed: number;
}

/** What happened under one policy since the start. */
export interface PolicyReport {
	/** By tier. */
	readonly hits: Counts;
	/** By why an answer past its time was given. */
	readonly stale: Counts;
	/** By reason. */
	readonly misses: Counts;
	/** Misses that waited for somebody else's fill. */
	readonly collapsed: number;
	/** By reason. */
	readonly bypasses: Counts;
	/** By reason. */
	readonly refused: Counts;
	/** By cause. */
	readonly fills: Counts;
	/** How long those fills took. */
	readonly fillTimes: HistogramSnapshot;
	readonly failedFills: number;
	/** Milliseconds that making the answers took which were given from the cache. */
	readonly savedMs: number;
	readonly lastMinute: Answered;
	readonly last15Minutes: Answered;
}

export interface StoreCallReport {
	readonly outcomes: Counts;
	readonly times: HistogramSnapshot;
}

export interface BreakerReport {
	/** How many instances' breaker is open now. */
	readonly open: number;
	/** How often it opened. */
	readonly openings: number;
}

export interface RemovalReport {
	/** Purges, or expiries. */
	readonly events: number;
	readonly tags: number;
	readonly keys: number;
}

export interface StoreReport {
	/** By call. */
	readonly calls: Readonly<Record<string, StoreCallReport>>;
	/** By store. */
	readonly breakers: Readonly<Record<string, BreakerReport>>;
	/** By operation, then by cause. */
	readonly failures: Readonly<Record<string, Counts>>;
	readonly purged: RemovalReport;
	readonly expired: RemovalReport;
}

/**
 * What happened in the cache of one instance, or of several together. Plain JSON, small enough to send about. Labels
 * are names of policies and stores and words out of few: never keys, never URLs.
 */
export interface CacheReport {
	/** How many instances it is of. */
	readonly instances: number;
	/** When counting began, milliseconds; of several instances the earliest. */
	readonly since: number;
	readonly policies: Readonly<Record<string, PolicyReport>>;
	readonly store: StoreReport;
}
