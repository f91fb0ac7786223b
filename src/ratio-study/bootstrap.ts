import { createRandom } from "../lib/random.ts";

export interface Bootstrap {
	/** How often the sales are drawn anew. */
	readonly resamples: number;
	readonly seed: number;
}

export type Interval = readonly [low: number, high: number];

/** The share of the resamples' results that an interval holds. */
export const INTERVAL_LEVEL = 0.95;

/**
 * How far each measure could be off by which sales happened to be made: percentile intervals (Efron 1979) over resamples
 * of as many sales, drawn with replacement. Sales of one building resemble each other, which this takes no account of.
 *
 * @param size how many there are to draw from
 * @param measure what is made of the sales when each counts as often as it was drawn
 */
export function bootstrap<K extends string>(
	size: number,
	measure: (counts: Uint32Array) => Readonly<Record<K, number>>,
	{ resamples, seed }: Bootstrap,
): Record<K, Interval> {
	// Everybody begins with the same seed, so that no segment's intervals hang on which others there are.
	const random = createRandom(seed);
	const counts = new Uint32Array(size);
	const drawn = Array.from({ length: resamples }, () => {
		counts.fill(0);
		for (let draw = 0; draw < size; draw += 1) {
			const at = random.integer(0, size - 1);
			counts[at] = (counts[at] as number) + 1;
		}
		return measure(counts);
	});
	const names = Object.keys(drawn[0] ?? {}) as K[];
	const intervals = names.map((name) => {
		const sorted = Float64Array.from(drawn, (one) => one[name]).sort();
		return [name, [(1 - INTERVAL_LEVEL) / 2, (1 + INTERVAL_LEVEL) / 2].map((q) => quantile(sorted, q))];
	});
	return Object.fromEntries(intervals);
}

/** Between two values it lies as far from each as the share does. */
function quantile(sorted: Float64Array, share: number): number {
	const at = share * (sorted.length - 1);
	const below = sorted[Math.floor(at)] as number;
	const above = sorted[Math.ceil(at)] as number;
	// Of two infinite widths the difference would not be a number.
	return below === above ? below : below + (at - Math.floor(at)) * (above - below);
}
