/** Why there was nothing to serve. */
export type MissReason = "none" | "expired" | "invalidated" | "unreadable" | "store-failed";
/** Why an answer was not stored. */
export type RefusalReason =
	| "status"
	| "set-cookie"
	| "cache-control"
	| "too-large"
	| "head"
	| "store-failed-before";

/** Why the cache was not even asked. */
export type BypassReason = "body-not-validated" | "cache-off";

/**
 * All that the cache tells about itself. Logs, counters and metrics subscribe from outside; `key` is for logs only and
 * never a label.
 */
export type CacheEvent =
	| { type: "hit"; policy: string; key: string; ttlS: number }
	| { type: "miss"; policy: string; key: string; reason: MissReason }
	| { type: "bypass"; policy: string; reason: BypassReason }
	| { type: "stored"; policy: string; key: string; ttlS: number; bytes: number }
	| { type: "refused"; policy: string; key: string; reason: RefusalReason }
	| { type: "invalidated"; tags: readonly string[] }
	| { type: "store-failed"; operation: "read" | "write" | "invalidate"; store: string; error: unknown };

export type CacheListener = (event: CacheEvent) => void;
