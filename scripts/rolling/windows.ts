import type { Ask } from "../load/asks.ts";
import { figuresOf } from "../load/figures.ts";
import type { Asked } from "../load/records.ts";

export interface Lowest {
	/** Of the window with the fewest hits, 0..1. */
	readonly hitRatio: number;
	/** When it began, seconds after the first request. */
	readonly atS: number;
}

/**
 * The lowest hit ratio that any stretch of so many milliseconds had, one beginning every tenth of it. Lists of properties and
 * those properties that nobody asked for before do not count: they are misses whoever answers.
 */
export function lowestHitRatio(asked: readonly Asked[], asks: readonly Ask[], windowMs: number): Lowest {
	const counted = asked
		.filter(({ ask }) => asks[ask]?.kind === "list" || asks[ask]?.kind === "valuation")
		.sort((left, right) => left.at - right.at);
	const [begun = 0, over = 0] = [counted[0]?.at, counted.at(-1)?.at];
	let lowest: Lowest = { hitRatio: 1, atS: 0 };
	for (let from = begun; from + windowMs <= over; from += windowMs / 10) {
		const within = counted.filter(({ at }) => at >= from && at < from + windowMs);
		const { hitRatio } = figuresOf(within, asks, windowMs / 1000);
		if (within.length > 0 && hitRatio < lowest.hitRatio) lowest = { hitRatio, atS: (from - begun) / 1000 };
	}
	return lowest;
}
