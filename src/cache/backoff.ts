import { LRUCache } from "lru-cache";
import type { Clock } from "./clock.ts";
import type { FillFailure } from "./store.ts";

const FIRST_MS = 100;
const LONGEST_MS = 5_000;
const MAX_KEYS = 10_000;
/** A key that has not failed for this long starts from the beginning. */
const FORGET_MS = 60_000;

/** Which keys fail at the moment, so that each costs its handler one run a step: 100 ms, doubling to 5 s. */
export interface Backoff {
	/** Set while it is too early to try this key again. */
	current(key: string): FillFailure | undefined;
	/** Another attempt failed. `status` stands for how; `elsewhere` counts those of other processes before it. */
	failed(key: string, status: number, elsewhere?: number): FillFailure;
	/** Another process says that this key fails. */
	heard(key: string, failure: FillFailure): void;
	succeeded(key: string): void;
}

export function createBackoff(clock: Clock): Backoff {
	const failing = new LRUCache<string, { status: number; failures: number; retryAt: number }>({
		max: MAX_KEYS,
	});

	return {
		current(key) {
			const known = failing.get(key);
			if (!known) return undefined;
			const retryInMs = known.retryAt - clock();
			// More is left than there ever was when the clock was set back.
			if (retryInMs <= 0 || retryInMs > LONGEST_MS) return undefined;
			return { status: known.status, failures: known.failures, retryInMs };
		},
		failed(key, status, elsewhere = 0) {
			const before = failing.get(key);
			const now = clock();
			const here = before && now - before.retryAt < FORGET_MS ? before.failures : 0;
			const failures = Math.max(here, elsewhere) + 1;
			const retryInMs = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
			failing.set(key, { status, failures, retryAt: now + retryInMs });
			return { status, failures, retryInMs };
		},
		heard(key, { status, failures, retryInMs }) {
			failing.set(key, { status, failures, retryAt: clock() + retryInMs });
		},
		succeeded(key) {
			failing.delete(key);
		},
	};
}
