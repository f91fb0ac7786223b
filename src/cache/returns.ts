import type { Coordination, FillFailure } from "./store.ts";

/** More than are under way when a store stops answering. */
const MAX_LOST = 1_000;
const RETRY_MS = 100;

/** Gives leases back, so that nobody waits for the end of one that is of no use any more. */
export interface Returns {
	/**
	 * Tries again behind everybody's back, for as long as the lease can last.
	 *
	 * @throws what the store threw: whether it took the lease back is not known then.
	 */
	giveBack(lease: { key: string; token: string; leaseMs: number }, failure?: FillFailure): Promise<void>;
}

export function createReturns(coordination: Coordination): Returns {
	let lost = 0;

	function tryAgain(key: string, token: string, until: number): void {
		if (lost >= MAX_LOST || performance.now() >= until) return;
		lost += 1;
		const timer = setTimeout(() => {
			lost -= 1;
			coordination.release(key, token).catch(() => tryAgain(key, token, until));
		}, RETRY_MS);
		// Nothing is worth staying for: the lease ends by itself.
		timer.unref?.();
	}

	return {
		async giveBack({ key, token, leaseMs }, failure) {
			const until = performance.now() + leaseMs;
			try {
				await coordination.release(key, token, failure);
			} catch (error) {
				tryAgain(key, token, until);
				throw error;
			}
		},
	};
}
