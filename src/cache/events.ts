import type { StoreFailureCause } from "./failure.ts";

/** Why there was no answer to give at once. */
export type MissReason = "none" | "expired" | "invalidated" | "unreadable" | "renewed" | "store-failed";

/** Why the cache was not asked. */
export type BypassReason = "cache-off" | "body-not-keyed" | "range" | "method";

/** Why an answer was not stored. */
export type RefusalReason =
	| "status"
	| "set-cookie"
	| "cache-control"
	| "vary"
	| "content-encoding"
	| "too-large"
	| "event-stream"
	/** Its body is still being sent; whether it can be stored is known at its end. */
	| "streaming"
	| "lease-lost"
	| "invalidated"
	| "store-failed"
	/** Made of what has changed meanwhile, as whoever made it knows. */
	| "outgrown"
	/** Nobody held a lease: lately this key's answers could not be shared. */
	| "not-shared";

/** What happens in the cache, for logs, counters and metrics. Labels are policy and tier names; keys are not. */
export type CacheEvent =
	/** `savedMs`: how long making the answer took, which nobody had to wait for this time. */
	| {
			type: "hit";
			policy: string;
			key: string;
			tier: string;
			ageS: number;
			ttlS: number;
			savedMs: number;
	  }
	/** An answer past its time: while it is refreshed, or because filling it anew failed. `ttlS` is 0 or less. */
	| {
			type: "stale";
			policy: string;
			key: string;
			tier: string;
			ttlS: number;
			because: "revalidating" | "failed";
			savedMs: number;
	  }
	/** `collapsed`: waited for somebody else's fill. */
	| { type: "miss"; policy: string; key: string; reason: MissReason; collapsed: boolean }
	| {
			type: "filled";
			policy: string;
			key: string;
			ttlS: number;
			bytes: number;
			tookMs: number;
			by: FillCause;
	  }
	/** The handler failed. `status` stands for how. */
	| { type: "fill-failed"; policy: string; key: string; status: number; tookMs: number; by: FillCause }
	| { type: "bypass"; policy: string; reason: BypassReason }
	| { type: "refused"; policy: string; key: string; reason: RefusalReason }
	| { type: "purged" | "expired"; tags: readonly string[]; keys: number }
	| {
			type: "store-failed";
			store: string;
			operation: StoreOperation;
			cause: StoreFailureCause;
			error: unknown;
	  }
	| { type: "breaker"; store: string; state: "opened" | "closed" };

/** `miss`: somebody waits for it. `refresh`: behind a stale answer. `early`: before it is stale. */
export type FillCause = "miss" | "refresh" | "early";

export type StoreOperation = "read" | "write" | "lease" | "purge";

export type CacheListener = (event: CacheEvent) => void;

/** The same listener, but what it throws goes no further: whoever only watches must not change what happens. */
export function contained(listener: CacheListener = () => {}): CacheListener {
	return (event) => {
		try {
			listener(event);
		} catch {
			// The event is lost, and nothing else.
		}
	};
}
