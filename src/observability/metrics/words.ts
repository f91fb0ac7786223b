import type { CacheEvent, StoreObserver } from "../../cache/index.ts";

/**
 * The words that labels are made of. Series are there from the start with 0: of one that appears with its first count,
 * Prometheus never sees it rise.
 */

type Of<T extends CacheEvent["type"]> = Extract<CacheEvent, { type: T }>;

/** The compiler sees to it that none is forgotten. */
function all<W extends string>(words: Record<W, true>): readonly W[] {
	return Object.keys(words) as W[];
}

export const STALE_CAUSES = all<Of<"stale">["because"]>({ revalidating: true, failed: true });

export const MISS_REASONS = all<Of<"miss">["reason"]>({
	none: true,
	expired: true,
	invalidated: true,
	unreadable: true,
	renewed: true,
	"store-failed": true,
});

export const BYPASS_REASONS = all<Of<"bypass">["reason"]>({
	"cache-off": true,
	"body-not-keyed": true,
	range: true,
	method: true,
});

export const REFUSAL_REASONS = all<Of<"refused">["reason"]>({
	status: true,
	"set-cookie": true,
	"cache-control": true,
	vary: true,
	"content-encoding": true,
	"too-large": true,
	"event-stream": true,
	streaming: true,
	"lease-lost": true,
	invalidated: true,
	"store-failed": true,
	outgrown: true,
	"not-shared": true,
});

export const FILL_CAUSES = all<Of<"filled">["by"]>({ miss: true, refresh: true, early: true });

export const REMOVALS = all<Of<"purged" | "expired">["type"]>({ purged: true, expired: true });

export const STORE_OPERATIONS = all<Of<"store-failed">["operation"]>({
	read: true,
	write: true,
	lease: true,
	purge: true,
});

export const FAILURE_CAUSES = all<Of<"store-failed">["cause"]>({
	timeout: true,
	overload: true,
	"breaker-open": true,
	connection: true,
	"out-of-memory": true,
	"read-only": true,
	loading: true,
	"no-auth": true,
	"wrong-type": true,
	"purges-pending": true,
	other: true,
});

type StoreCall = Parameters<StoreObserver>[0];

const FOUND_OR_NOT = ["hit", "miss", "failed"];
const DONE_OR_NOT = ["ok", "failed"];

/** What each call to the store can come to. */
export const STORE_OUTCOMES: Readonly<Record<StoreCall, readonly string[]>> = {
	get: FOUND_OR_NOT,
	set: DONE_OR_NOT,
	delete: FOUND_OR_NOT,
	generations: DONE_OR_NOT,
	readTogether: DONE_OR_NOT,
	invalidate: DONE_OR_NOT,
	evict: FOUND_OR_NOT,
	acquire: ["won", "held", "failing", "failed"],
	commit: ["stored", "lease-lost", "invalidated", "failed"],
	release: DONE_OR_NOT,
	list: DONE_OR_NOT,
	peek: DONE_OR_NOT,
	usage: DONE_OR_NOT,
};
