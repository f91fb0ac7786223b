import type { CacheEvent, CacheListener } from "../cache/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

export interface CacheLogOptions {
	logger: Logger;
	clock: Clock;
	/** `all` lines, one in a hundred of the ordinary ones, or only failures. */
	mode: "all" | "sampled" | "errors";
}

const SAMPLED_ONE_IN = 100;
/** Of a store that keeps failing one line in this time is enough. */
const FAILURE_PAUSE_MS = 10_000;
/** Prefix and the first digits tell keys apart well enough to grep for. */
const SHORT_KEY = 20;

/** The lines that an operator greps for: "Cache HIT", "Cache MISS", "Cache STORED", "Cache read failed". */
export function logCacheEvents({ logger, clock, mode }: CacheLogOptions): CacheListener {
	const failures = new Map<string, { until: number; suppressed: number }>();
	const seen = new Map<string, number>();

	function logOrdinary(message: string, event: { policy: string; key: string }, fields: object): void {
		if (mode === "errors") return;
		// Counted apart: a miss is followed by its storing, and a common count would always pick the same of the two.
		const count = seen.get(message) ?? 0;
		seen.set(message, count + 1);
		if (mode === "sampled" && count % SAMPLED_ONE_IN !== 0) return;
		logger.info({ policy: event.policy, key: event.key.slice(0, SHORT_KEY), ...fields }, message);
	}

	function logFailure({ operation, store, error }: CacheEvent & { type: "store-failed" }): void {
		const id = `${operation} ${store}`;
		const now = clock();
		const state = failures.get(id);
		if (state && now < state.until) {
			state.suppressed += 1;
			return;
		}
		failures.set(id, { until: now + FAILURE_PAUSE_MS, suppressed: 0 });
		const reason = error instanceof Error ? error.message : String(error);
		logger.warn({ store, reason, alsoSinceLastLine: state?.suppressed ?? 0 }, `Cache ${operation} failed`);
	}

	return (event) => {
		switch (event.type) {
			case "hit":
				return logOrdinary("Cache HIT", event, { ttlS: event.ttlS });
			case "miss":
				return logOrdinary("Cache MISS", event, { reason: event.reason });
			case "stored":
				return logOrdinary("Cache STORED", event, { ttlS: event.ttlS, bytes: event.bytes });
			case "refused":
				return logOrdinary("Cache NOT STORED", event, { reason: event.reason });
			case "invalidated":
				return logger.info({ tags: event.tags.length }, "Cache invalidated");
			case "store-failed":
				return logFailure(event);
			case "bypass":
				return;
		}
	};
}
