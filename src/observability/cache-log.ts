import type { CacheListener } from "../cache/index.ts";
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

/**
 * The lines that an operator greps for: "Cache HIT", "Cache STALE", "Cache MISS", "Cache STORED", "Cache NOT STORED" by
 * `mode`; what fails at most once in ten seconds; purges and the breaker always.
 */
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

	function logFailure(message: string, about: string, fields: object): void {
		const id = `${message} ${about}`;
		const now = clock();
		const state = failures.get(id);
		if (state && now < state.until) {
			state.suppressed += 1;
			return;
		}
		failures.set(id, { until: now + FAILURE_PAUSE_MS, suppressed: 0 });
		logger.warn({ ...fields, alsoSinceLastLine: state?.suppressed ?? 0 }, message);
	}

	return (event) => {
		switch (event.type) {
			case "hit":
				return logOrdinary("Cache HIT", event, { tier: event.tier, ttlS: event.ttlS });
			case "stale":
				return logOrdinary("Cache STALE", event, {
					tier: event.tier,
					ttlS: event.ttlS,
					because: event.because,
				});
			case "miss":
				return logOrdinary("Cache MISS", event, { reason: event.reason, collapsed: event.collapsed });
			case "filled": {
				const { ttlS, bytes, tookMs, by } = event;
				return logOrdinary("Cache STORED", event, { ttlS, bytes, tookMs, by });
			}
			case "refused":
				return logOrdinary("Cache NOT STORED", event, { reason: event.reason });
			case "fill-failed": {
				const { policy, status, tookMs, by } = event;
				return logFailure("Cache fill failed", policy, { policy, status, tookMs, by });
			}
			case "store-failed": {
				const { store, operation, cause, error } = event;
				const reason = error instanceof Error ? error.message : String(error);
				return logFailure(`Cache ${operation} failed`, `${store} ${cause}`, { store, cause, reason });
			}
			case "purged":
			case "expired":
				return logger.info({ tags: event.tags.length, keys: event.keys }, `Cache ${event.type}`);
			case "breaker":
				return event.state === "opened"
					? logger.warn({ store: event.store }, "Cache breaker opened")
					: logger.info({ store: event.store }, "Cache breaker closed");
			case "bypass":
				return;
		}
	};
}
