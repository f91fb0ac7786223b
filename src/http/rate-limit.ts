import { LRUCache } from "lru-cache";
import type { Clock } from "../lib/clock.ts";

/** How often one key may be taken. */
export interface RateLimit {
	/** Sustained rate: how often one key may be taken in a minute. */
	perMinute: number;
	/** How often at once, after a pause. @default perMinute */
	burst?: number;
}

interface RateLimiterOptions extends RateLimit {
	clock: Clock;
	/** Keys kept in memory; beyond that the one not seen for longest is forgotten. @default 10_000 */
	maxKeys?: number;
}

export interface RateLimiter {
	/** Counts one use of `key`. A refused one is not counted. */
	take(key: string): Taken | Promise<Taken>;
}

export interface Taken {
	readonly allowed: boolean;
	/** Whole seconds, 0 where allowed. */
	readonly retryAfterS: number;
}

/** Makes the limit that goes by this name: lower case letters, digits, - and _. */
export type MakeLimiter = (name: string, limit: RateLimit) => RateLimiter;

/**
 * A limit per key by the generic cell rate algorithm (ITU-T I.371): one instant per key, no timers. It counts in
 * this process only: see `shared-limit.ts` for several.
 */
export function createRateLimiter(options: RateLimiterOptions): { take(key: string): Taken } {
	const { perMinute, burst = perMinute, clock, maxKeys = 10_000 } = options;
	if (!(perMinute > 0 && burst >= 1 && maxKeys >= 1)) {
		throw new RangeError("A rate limiter needs perMinute above 0, and burst and maxKeys of 1 or more");
	}
	const intervalMs = 60_000 / perMinute;
	const toleranceMs = intervalMs * (burst - 1);
	/** Key -> the instant at which its whole burst is free again. */
	const fullAt = new LRUCache<string, number>({ max: maxKeys });

	return {
		take(key) {
			const now = clock();
			// A wall clock that was set back must not lock anyone out for longer than a full burst takes.
			const free = Math.min(Math.max(fullAt.get(key) ?? now, now), now + toleranceMs + intervalMs);
			const waitMs = free - toleranceMs - now;
			// Sums of fractions of a millisecond are never exact.
			if (waitMs > 1e-3) return { allowed: false, retryAfterS: Math.ceil(waitMs / 1000) };
			fullAt.set(key, free + intervalMs);
			return { allowed: true, retryAfterS: 0 };
		},
	};
}
