import type { Clock } from "./clock.ts";
import type { Entry } from "./entry.ts";
import type { CacheListener } from "./events.ts";
import { freshness } from "./freshness.ts";
import type { Found } from "./lookup.ts";
import { fromEntry, timesOf } from "./served.ts";
import type { Ask, Served } from "./types.ts";

/** Gives stale answers, and tells of each. */
export function createStale({ clock, listener }: { clock: Clock; listener: CacheListener }) {
	/** While it is made anew, or, with the status that this came to, because it could not be. */
	function stale<R>(ask: Ask<R>, entry: Entry, tier: string, failedWith?: number): Served<R> {
		const times = timesOf(entry, "stale", clock());
		if (!ask.warming) {
			listener({
				type: "stale",
				policy: ask.policy.name,
				key: ask.key.name,
				tier,
				ttlS: times.ttlS,
				because: failedWith === undefined ? "revalidating" : "failed",
				savedMs: entry.fillMs,
			});
		}
		return { ...fromEntry(entry, "stale"), ...times, ...(failedWith !== undefined && { failedWith }) };
	}

	/** A stale answer that may stand in for one that could not be had. */
	function insteadOf<R>(ask: Ask<R>, { entry, tier }: Found, failedWith: number): Served<R> | undefined {
		if (!entry || freshness(entry, clock()) === "expired") return undefined;
		return stale(ask, entry, tier, failedWith);
	}

	return { stale, insteadOf };
}
