/**
 * Upper bounds in milliseconds, five to a decade, so that each is about 1.6 times the one before: from what a hit in
 * memory takes up to longer than any request may. Above the last there is one more bucket.
 */
export const BOUNDS_MS: readonly number[] = [
	0.04, 0.063, 0.1, 0.16, 0.25, 0.4, 0.63, 1, 1.6, 2.5, 4, 6.3, 10, 16, 25, 40, 63, 100, 160, 250, 400, 630,
	1000, 1600, 2500, 4000, 6300, 10_000, 16_000,
];

/** Plain JSON. Two of them are summed by adding every number. */
export interface HistogramSnapshot {
	readonly count: number;
	/** Milliseconds. */
	readonly sum: number;
	/** How many fell into a bucket, by its place in `BOUNDS_MS`; empty ones are left out. */
	readonly buckets: Readonly<Record<string, number>>;
}

export const EMPTY_HISTOGRAM: HistogramSnapshot = { count: 0, sum: 0, buckets: {} };

/** How long something took, told apart finely enough for quantiles. */
export interface Histogram {
	/** What is no number, or below 0, counts as 0. */
	observe(ms: number): void;
	snapshot(): HistogramSnapshot;
}

const bounds = Float64Array.from(BOUNDS_MS);

export function createHistogram(): Histogram {
	const counts = new Float64Array(bounds.length + 1);
	let sum = 0;
	return {
		observe(ms) {
			const took = Number.isNaN(ms) ? 0 : Math.max(ms, 0);
			let index = 0;
			// Most of what is measured on the way of a hit is found within a few steps.
			while (index < bounds.length && took > (bounds[index] as number)) index += 1;
			counts[index] = (counts[index] as number) + 1;
			sum += took;
		},
		snapshot() {
			const buckets: Record<string, number> = {};
			let count = 0;
			for (const [index, of] of counts.entries()) {
				if (of === 0) continue;
				buckets[index] = of;
				count += of;
			}
			return { count, sum: Math.round(sum * 1000) / 1000, buckets };
		},
	};
}

/**
 * The milliseconds that a share `q` (0 to 1) took at most, as if all of a bucket were spread evenly over it. What is
 * above the last bound counts as that bound. Undefined of nothing.
 */
export function quantile({ count, buckets }: HistogramSnapshot, q: number): number | undefined {
	if (count === 0) return undefined;
	const rank = Math.min(Math.max(q, 0), 1) * count;
	let below = 0;
	for (const [index, upper] of BOUNDS_MS.entries()) {
		const inside = buckets[index] ?? 0;
		if (inside > 0 && below + inside >= rank) {
			const lower = BOUNDS_MS[index - 1] ?? 0;
			return lower + ((upper - lower) * (rank - below)) / inside;
		}
		below += inside;
	}
	return BOUNDS_MS.at(-1);
}
