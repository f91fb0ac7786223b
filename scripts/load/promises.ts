import type { Ask } from "./asks.ts";
import type { FaultTimes } from "./faults.ts";
import { failuresOf, failuresText, figuresOf, isMiss } from "./figures.ts";
import { refusedThoughStored } from "./known.ts";
import type { Asked } from "./records.ts";
import type { User } from "./users.ts";

/** Milliseconds until something came back; undefined where it did not. */
export interface Recovery {
	/** From Redis' return until an answer was stored. */
	readonly storedAgainMs: number | undefined;
	/** Until there were as many hits as before, which depends on how much is asked; undefined where not before the database was lost. */
	readonly hitsBackMs: number | undefined;
	/** From the database's return until something was worked out. */
	readonly missesBackMs: number | undefined;
}

const WINDOW_MS = 500;
/** Hits are back once there are as many, but for so few of a hundred. */
const HIT_RATIO_LACKS = 0.1;
const STORED_WITHIN_MS = 3_000;
const MISSES_BACK_WITHIN_MS = 5_000;
/** After the database is back: as long as callers were told to wait (`Retry-After`). */
const REFUSED_AFTERWARDS_MS = 5_000;

/** What is promised to callers while nothing is lost. A sentence for each promise that was broken. */
export function brokenWhileWell(asked: readonly Asked[]): string[] {
	const broken = brokenAlways(asked);
	const refused = asked.filter(({ outcome }) => outcome === "refused").length;
	if (refused > 0) broken.push(`${refused} requests were refused while nothing was lost`);
	return broken;
}

/** What is promised while Redis, then the database, are lost. */
export function brokenInFaults(
	asked: readonly Asked[],
	users: readonly User[],
	times: FaultTimes,
	{ storedAgainMs, missesBackMs }: Recovery,
): string[] {
	const broken = brokenAlways(asked);
	const refused = asked.filter(({ outcome }) => outcome === "refused");
	const untimely = refused.filter(
		({ at, ms }) => at + ms < times.databaseLost || at > times.databaseBack + REFUSED_AFTERWARDS_MS,
	);
	if (untimely.length > 0)
		broken.push(`${untimely.length} requests were refused while the database was there`);
	// A session's cookie has to be looked up every 30 s, for which there is no way without the database.
	const stored = refusedThoughStored(asked, times).filter(({ user }) => users[user]?.via === "token");
	if (stored.length > 0)
		broken.push(`${stored.length} requests were refused although their answer was stored`);
	if (storedAgainMs === undefined || storedAgainMs > STORED_WITHIN_MS)
		broken.push(`nothing was stored within ${STORED_WITHIN_MS / 1000} s of Redis' return`);
	if (missesBackMs === undefined || missesBackMs > MISSES_BACK_WITHIN_MS)
		broken.push(`nothing was worked out within ${MISSES_BACK_WITHIN_MS / 1000} s of the database's return`);
	return broken;
}

function brokenAlways(asked: readonly Asked[]): string[] {
	const failures = failuresOf(asked);
	if (asked.length === 0) return ["nothing was asked"];
	return failures.size > 0 ? [`requests failed: ${failuresText(failures)}`] : [];
}

/** How long it took until all was as before. */
export function recoveryOf(asked: readonly Asked[], asks: readonly Ask[], times: FaultTimes): Recovery {
	const before = ratioBetween(asked, asks, times.begun, times.redisLost);
	let hitsBackMs: number | undefined;
	for (let from = times.redisBack; from + WINDOW_MS <= times.databaseLost; from += WINDOW_MS) {
		if (ratioBetween(asked, asks, from, from + WINDOW_MS) < before - HIT_RATIO_LACKS) continue;
		hitsBackMs = from - times.redisBack;
		break;
	}
	const stored = asked.filter(({ at, outcome }) => outcome === "stored" && at >= times.redisBack);
	const worked = asked.filter(
		(one) => isMiss(one) && one.at >= times.databaseBack && asks[one.ask]?.kind !== "batch",
	);
	return {
		storedAgainMs: firstEnd(stored, times.redisBack),
		hitsBackMs,
		missesBackMs: firstEnd(worked, times.databaseBack),
	};
}

function firstEnd(asked: readonly Asked[], since: number): number | undefined {
	return asked.length === 0 ? undefined : Math.min(...asked.map(({ at, ms }) => at + ms)) - since;
}

function ratioBetween(asked: readonly Asked[], asks: readonly Ask[], from: number, to: number): number {
	const within = asked.filter(({ at }) => at >= from && at < to);
	return figuresOf(within, asks, 1).hitRatio;
}
