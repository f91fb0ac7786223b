import type { FaultTimes } from "./faults.ts";
import type { Asked } from "./records.ts";

/** A server keeps answers in its own memory for so long after they last came from Redis. */
const IN_MEMORY_MS = 5_000;
/** Until Redis is used again after it is back. */
const RECONNECTED_MS = 1_000;

/**
 * Which requests were refused although their answer was in Redis: it was given from there, or stored, after Redis came back
 * empty, and before they were asked.
 */
export function refusedThoughStored(asked: readonly Asked[], { redisBack }: FaultTimes): Asked[] {
	/** What was asked -> when its answer was there at the latest. */
	const storedAt = new Map<number, number>();
	for (const { at, ms, ask, outcome } of asked) {
		const isStored =
			(outcome === "stored" && at > redisBack + RECONNECTED_MS) ||
			((outcome === "hit" || outcome === "stale") && at > redisBack + IN_MEMORY_MS + RECONNECTED_MS);
		if (isStored) storedAt.set(ask, Math.min(storedAt.get(ask) ?? Number.POSITIVE_INFINITY, at + ms));
	}
	return asked.filter(
		({ at, ask, outcome }) => outcome === "refused" && at > (storedAt.get(ask) ?? Number.POSITIVE_INFINITY),
	);
}
