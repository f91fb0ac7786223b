import type { CacheStore } from "./store.ts";

export interface GuardOptions {
	/** Milliseconds that one call may take before it counts as failed. */
	deadlineMs: number;
	/** Calls under way at once; one more fails at once instead of queueing behind a frozen backend. Default 1,000. */
	maxInFlight?: number;
}

/** A call that took too long, or was not even tried. The backend may still carry it out. */
export class StoreUnavailable extends Error {
	override readonly name = "StoreUnavailable";
}

/** The same store, but every call ends within the deadline, and calls in flight are bounded. */
export function guarded(store: CacheStore, options: GuardOptions): CacheStore {
	const maxInFlight = options.maxInFlight ?? 1_000;
	let inFlight = 0;

	function bounded<T>(call: () => Promise<T>): Promise<T> {
		if (inFlight >= maxInFlight) {
			return Promise.reject(new StoreUnavailable(`${store.name}: more than ${maxInFlight} calls in flight`));
		}
		inFlight += 1;
		return new Promise<T>((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new StoreUnavailable(`${store.name}: no answer within ${options.deadlineMs} ms`)),
				options.deadlineMs,
			);
			const done = () => {
				clearTimeout(timer);
				inFlight -= 1;
			};
			Promise.resolve()
				.then(call)
				.then(
					(value) => {
						done();
						resolve(value);
					},
					(error: unknown) => {
						done();
						reject(error);
					},
				);
		});
	}

	const { coordination } = store;
	return {
		name: store.name,
		get: (key) => bounded(() => store.get(key)),
		set: (key, value, ttlMs) => bounded(() => store.set(key, value, ttlMs)),
		delete: (key) => bounded(() => store.delete(key)),
		...(coordination && {
			coordination: {
				generations: (tags) => bounded(() => coordination.generations(tags)),
				invalidate: (tags) => bounded(() => coordination.invalidate(tags)),
			},
		}),
	};
}
