import { countedMean, countedMedian } from "./counted.ts";

/** A range around an estimate, and the price that was paid, AED. */
export interface Range {
	readonly estimate: number;
	readonly low: number;
	readonly high: number;
	readonly price: number;
}

export interface RangeMeasures {
	/** Share of the prices that lie in their range, both ends included: meant to be 0.8. */
	readonly coverage80: number;
	/** Median of half the range's width as a share of the estimate, a fraction: the narrower, the more it says. */
	readonly half_width80: number;
}

/** As `measurer` of measures.ts: what is given back takes how often each range was drawn. */
export function rangeMeasurer(ranges: readonly Range[]): (counts: Uint32Array) => RangeMeasures {
	const holds = Float64Array.from(ranges, ({ low, high, price }) => Number(low <= price && price <= high));
	const halfWidth = countedMedian(
		Float64Array.from(ranges, ({ estimate, low, high }) => (high - low) / 2 / estimate),
	);
	return (counts) => ({
		coverage80: countedMean(holds, counts),
		half_width80: halfWidth(counts),
	});
}
