import { type BreakerOptions, createBreaker } from "./breaker.ts";
import type { CacheListener } from "./events.ts";
import { StoreUnavailable } from "./failure.ts";
import { forwarding } from "./forward.ts";
import type { Awaitable, CacheStore } from "./store.ts";

export interface GuardOptions {
	/** Milliseconds that one call may take before it counts as failed. */
	deadlineMs: number;
	/** Calls under way at once; one more fails at once instead of queueing behind a frozen backend. Default 1,000. */
	maxInFlight?: number;
	breaker?: BreakerOptions;
	/** Hears when the breaker opens and closes. */
	listener?: CacheListener | undefined;
	/** Milliseconds of a clock that only goes forward. */
	now?(): number;
}

export interface GuardedStore extends CacheStore {
	/** The backend was heard from by another way, its connection for example: calls go out again. */
	reconnected(): void;
}

const PROBE_KEY = "probe";

/**
 * The same store, but every call ends within the deadline, calls in flight are bounded, and a backend that does not
 * answer is left alone: while the breaker is open a call costs next to nothing.
 *
 * @throws {StoreUnavailable} from every call, with why: `timeout`, `overload` or `breaker-open`
 */
export function guarded(store: CacheStore, options: GuardOptions): GuardedStore {
	const { deadlineMs, maxInFlight = 1_000, listener, now = () => performance.now() } = options;
	let inFlight = 0;
	const breaker = createBreaker({
		...options.breaker,
		now,
		probe: () => timed(() => store.get(PROBE_KEY)),
		onChange: (state) => listener?.({ type: "breaker", store: store.name, state }),
	});

	function bounded<T>(call: () => Awaitable<T>): Promise<T> {
		if (!breaker.admits()) return refused("it does not answer", "breaker-open");
		// Not held against the backend: a burst can fill the places of a healthy one, and a frozen one misses deadlines.
		if (inFlight >= maxInFlight) return refused(`more than ${maxInFlight} calls in flight`, "overload");
		const result = timed(call);
		result.then(breaker.succeeded, breaker.failed);
		return result;
	}

	function refused(reason: string, why: "breaker-open" | "overload"): Promise<never> {
		return Promise.reject(new StoreUnavailable(`${store.name}: ${reason}`, why));
	}

	/** A call keeps its place until the backend is done with it, however long ago it was given up on. */
	function timed<T>(call: () => Awaitable<T>): Promise<T> {
		inFlight += 1;
		return new Promise<T>((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new StoreUnavailable(`${store.name}: no answer within ${deadlineMs} ms`, "timeout")),
				deadlineMs,
			);
			const done = () => {
				clearTimeout(timer);
				inFlight -= 1;
			};
			started(call).then(
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

	return {
		...forwarding(store, (_call, carryOut) => bounded(carryOut)),
		reconnected: breaker.close,
	};
}

function started<T>(call: () => Awaitable<T>): Promise<T> {
	try {
		return Promise.resolve(call());
	} catch (error) {
		return Promise.reject(error);
	}
}
