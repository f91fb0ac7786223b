import { isSilence } from "./failure.ts";

export interface BreakerOptions {
	/** Calls in a row that got no answer before the backend is given up on for a while. Default 5. */
	failures?: number;
	/** Milliseconds until it is tried again. Default 250. */
	reopenMs?: number;
	/** What is known of the backend, where that has to outlive the breaker. Default one of its own. */
	memory?: BreakerMemory;
}

/** Plain data, so it may be kept where neither timers nor promises may. */
export interface BreakerMemory {
	/** Calls in a row that got no answer. */
	failures: number;
	/** Set while it is open. */
	openSince?: number | undefined;
}

export interface BreakerDeps extends BreakerOptions {
	/** Milliseconds of a clock that only goes forward. */
	now(): number;
	/** Asks the backend something small; ends within its deadline. */
	probe(): Promise<unknown>;
	onChange(state: "opened" | "closed"): void;
}

/**
 * Stops asking a backend that does not answer. Open, it admits nobody; after a while one probe of its own goes out, and
 * when that is answered it closes (Nygard, "Release It!", circuit breaker). It keeps no timer: whoever asks for
 * admission when the time has come sets the probe off, and is turned away like the others.
 */
export interface Breaker {
	admits(): boolean;
	succeeded(): void;
	failed(error: unknown): void;
	/** The backend was heard from. */
	close(): void;
}

export function createBreaker(deps: BreakerDeps): Breaker {
	const { failures: bound = 5, reopenMs = 250, memory = { failures: 0 }, now, probe, onChange } = deps;
	let probing = false;

	function close(): void {
		memory.failures = 0;
		if (memory.openSince === undefined) return;
		memory.openSince = undefined;
		onChange("closed");
	}

	async function tryAgain(): Promise<void> {
		probing = true;
		try {
			await probe();
			close();
		} catch (error) {
			if (!isSilence(error)) close();
			else if (memory.openSince !== undefined) memory.openSince = now();
		} finally {
			probing = false;
		}
	}

	return {
		close,
		admits() {
			if (memory.openSince === undefined) return true;
			if (!probing && now() - memory.openSince >= reopenMs) {
				// Also for those who share the memory and not the probe.
				memory.openSince = now();
				void tryAgain();
			}
			return false;
		},
		succeeded() {
			memory.failures = 0;
		},
		failed(error) {
			if (!isSilence(error)) {
				memory.failures = 0;
				return;
			}
			memory.failures += 1;
			if (memory.openSince !== undefined || memory.failures < bound) return;
			memory.openSince = now();
			onChange("opened");
		},
	};
}
