import type { Entry } from "./entry.ts";

export type Freshness = "fresh" | "stale" | "expired";

/** RFC 9111 section 4.2: what an entry may still be used for at the instant `now`. */
export function freshness(entry: Pick<Entry, "freshUntil" | "staleUntil">, now: number): Freshness {
	if (now < entry.freshUntil) return "fresh";
	return now < entry.staleUntil ? "stale" : "expired";
}
