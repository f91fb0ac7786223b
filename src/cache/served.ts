import type { Entry } from "./entry.ts";
import type { MissReason } from "./events.ts";
import type { Outcome } from "./fill.ts";
import type { Found } from "./lookup.ts";
import type { Ask, Served } from "./types.ts";

/** Why what was found is not what is answered with. */
export function missReason<R>(ask: Ask<R>, { state }: Found): MissReason {
	if (state === "fresh" || state === "stale" || state === "stale-if-error")
		return ask.renew ? "renewed" : "expired";
	return state;
}

/** The part of an answer from an entry that does not depend on the time. */
export function fromEntry(entry: Entry, outcome: "hit" | "stale" | "miss" | "revalidated") {
	return { from: "entry", outcome, entry, collapsed: false, stored: false } as const;
}

/** Too early for another attempt. */
export function busy<R>(retryInMs: number): Served<R> {
	return { from: "nothing", why: "busy", status: 503, retryAfterS: Math.max(1, Math.ceil(retryInMs / 1000)) };
}

/** @throws what the handler threw, if that is how it answered. */
export function ownResult<R>(
	{ result, reason }: Outcome<R> & { kind: "own" },
	missed: MissReason,
): Served<R> {
	if ("error" in result) throw result.error;
	return { from: "handler", result: result.value, detail: reason, missed };
}

/** Whole seconds. */
export function timesOf(
	entry: Pick<Entry, "storedAt" | "freshUntil">,
	used: "fresh" | "stale",
	now: number,
): { ageS: number; ttlS: number } {
	const leftS = (entry.freshUntil - now) / 1000;
	return {
		ageS: Math.max(0, Math.floor((now - entry.storedAt) / 1000)),
		// RFC 9211 section 2.2: below 0 once stale, also where a tag made it so before its time.
		ttlS: used === "fresh" ? Math.ceil(leftS) : Math.min(-1, Math.floor(leftS)),
	};
}
