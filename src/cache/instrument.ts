import { forwarding, type StoreCall } from "./forward.ts";
import type { CacheStore, Claim, CommitOutcome } from "./store.ts";

/** One of few words, fit for a label. `ok` where there is nothing more to say; `failed` when the store rejected. */
export type StoreOutcome = "ok" | "hit" | "miss" | "failed" | Claim["state"] | CommitOutcome;

/** Hears of every call that has ended. Must not throw. */
export type StoreObserver = (call: StoreCall, tookMs: number, outcome: StoreOutcome) => void;

/** The same store, every call counted and timed. `now` gives milliseconds of a clock that only goes forward. */
export function instrumented(
	store: CacheStore,
	observe: StoreObserver,
	now: () => number = () => performance.now(),
): CacheStore {
	return forwarding(store, async (call, carryOut) => {
		const startedAt = now();
		let outcome: StoreOutcome = "failed";
		try {
			const result = await carryOut();
			outcome = outcomeOf(call, result);
			return result;
		} finally {
			observe(call, now() - startedAt, outcome);
		}
	});
}

function outcomeOf(call: StoreCall, result: unknown): StoreOutcome {
	switch (call) {
		case "get":
			return result === undefined ? "miss" : "hit";
		case "acquire":
			return (result as Claim).state;
		case "commit":
			return result as CommitOutcome;
		case "delete":
		case "evict":
			return result ? "hit" : "miss";
		default:
			return "ok";
	}
}
