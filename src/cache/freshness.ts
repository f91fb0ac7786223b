import type { Entry } from "./entry.ts";

export type Freshness = "fresh" | "stale" | "stale-if-error" | "expired";

/** What an entry may be used for at this moment: the rules are in its instants, set when it was stored. */
export function freshness(entry: Entry, now: number): Freshness {
	if (now < entry.freshUntil) return "fresh";
	if (now < entry.staleUntil) return "stale";
	return now < entry.staleIfErrorUntil ? "stale-if-error" : "expired";
}

/**
 * Whether this reader should refresh an entry that is still fresh. The longer its fill took and the nearer its end, the
 * likelier; so a hot key is refreshed by one of many readers shortly before it expires (XFetch: Vattani, Chierichetti,
 * Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015).
 *
 * @param early 0 switches it off; 1 is the paper's choice; above, earlier.
 * @param random uniform in [0, 1)
 */
export function wantsEarlyRefresh(entry: Entry, now: number, early: number, random: () => number): boolean {
	if (early === 0 || entry.fillMs === 0) return false;
	return now - entry.fillMs * early * Math.log(1 - random()) >= entry.freshUntil;
}

/** The fresh time of one entry: shortened by up to `jitter` (a share), never lengthened. Milliseconds. */
export function jittered(ttlMs: number, jitter: number, random: () => number): number {
	return Math.max(1, Math.floor(ttlMs * (1 - jitter * random())));
}
