import type { Allowance } from "../cache/index.ts";
import type { RateLimiter } from "./rate-limit.ts";

/**
 * A limit that all instances keep together, as long as they can: while what they share does not answer, each keeps it by
 * itself. What is taken is counted in both, so that losing the one does not give everybody a new burst.
 *
 * @param onFailed hears why it was not kept together, each time
 */
export function sharedLimiter(
	shared: Allowance,
	own: RateLimiter,
	onFailed: (error: unknown) => void,
): RateLimiter {
	return {
		async take(key) {
			let waitMs: number;
			try {
				waitMs = await shared.take(key);
			} catch (error) {
				onFailed(error);
				return own.take(key);
			}
			if (waitMs > 0) return { allowed: false, retryAfterS: Math.ceil(waitMs / 1000) };
			await own.take(key);
			return { allowed: true, retryAfterS: 0 };
		},
	};
}
