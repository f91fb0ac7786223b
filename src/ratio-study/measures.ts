import { countedMean, countedMedian } from "./counted.ts";

/** One property of a ratio study: what it was valued at and what it was sold for, AED. Both above 0. */
export interface Ratio {
	readonly estimate: number;
	readonly price: number;
}

/** What a group of sale ratios says of the values behind them, by the names that the report gives them. */
export interface Measures {
	/** Median of the absolute error as a share of the price, a fraction. */
	readonly mdape: number;
	/** Share of the estimates that lie within 10 % of the price, a fraction. */
	readonly ppe10: number;
	/** The same within 20 %. */
	readonly ppe20: number;
	/** Median of estimate to price: above 1 where values are too high. */
	readonly median_ratio: number;
	/** Coefficient of dispersion, percent: the mean distance of the ratios from their median, as a share of it. */
	readonly cod: number;
	/** Price-related differential: above 1 where dear properties are valued lower than cheap ones, in proportion. */
	readonly prd: number;
	/** Coefficient of price-related bias: the fraction by which the ratios change when the value doubles. */
	readonly prb: number;
}

/**
 * The measures of IAAO's Standard on Ratio Studies (2013, part 1, section 5), and the errors that automated valuations are
 * usually compared by.
 *
 * @throws {RangeError} for no ratios at all
 */
export function measure(ratios: readonly Ratio[]): Measures {
	return measurer(ratios)(new Uint32Array(ratios.length).fill(1));
}

/**
 * The same for resamples of the ratios: what is given back takes how often each of them was drawn. Everything is sorted
 * once, and not once for each resample.
 *
 * @throws {RangeError} the measuring, when nothing was drawn
 */
export function measurer(ratios: readonly Ratio[]): (counts: Uint32Array) => Measures {
	const prices = Float64Array.from(ratios, ({ price }) => price);
	const estimates = Float64Array.from(ratios, ({ estimate }) => estimate);
	const values = Float64Array.from(ratios, ({ estimate, price }) => estimate / price);
	const errors = Float64Array.from(ratios, ({ estimate, price }) => Math.abs(estimate - price) / price);
	const within10 = Float64Array.from(ratios, (one) => Number(isWithin(one, 10)));
	const within20 = Float64Array.from(ratios, (one) => Number(isWithin(one, 20)));
	const medianOfValues = countedMedian(values);
	const medianOfErrors = countedMedian(errors);

	return (counts) => {
		const median_ratio = medianOfValues(counts);
		const weightedMean = countedMean(estimates, counts) / countedMean(prices, counts);
		return {
			mdape: medianOfErrors(counts),
			ppe10: countedMean(within10, counts),
			ppe20: countedMean(within20, counts),
			median_ratio,
			cod: (100 * meanDistance(values, counts, median_ratio)) / median_ratio,
			prd: countedMean(values, counts) / weightedMean,
			prb: priceRelatedBias(prices, values, counts, median_ratio),
		};
	};
}

/** Inclusive, and by whole numbers where the amounts are whole: 110 for 100 is within 10 %, which 110 / 100 - 1 is not. */
function isWithin({ estimate, price }: Ratio, percent: number): boolean {
	return 100 * Math.abs(estimate - price) <= percent * price;
}

// Plain loops from here on: a study comes by some tens of millions of times.

function meanDistance(values: Float64Array, counts: Uint32Array, from: number): number {
	let total = 0;
	let sum = 0;
	for (let at = 0; at < counts.length; at += 1) {
		const count = counts[at] as number;
		total += count;
		sum += count * Math.abs((values[at] as number) - from);
	}
	return sum / total;
}

/**
 * The slope of a straight line through the relative distances from the median ratio, over the binary logarithm of the
 * value: the mean of the price and of the estimate put to the same level, so that neither's error alone makes a slope.
 */
function priceRelatedBias(
	prices: Float64Array,
	values: Float64Array,
	counts: Uint32Array,
	medianRatio: number,
): number {
	const x = new Float64Array(counts.length);
	for (let at = 0; at < x.length; at += 1) {
		if (counts[at] === 0) continue;
		x[at] = Math.log2(((prices[at] as number) * (1 + (values[at] as number) / medianRatio)) / 2);
	}
	const meanX = countedMean(x, counts);
	let spread = 0;
	let product = 0;
	for (let at = 0; at < x.length; at += 1) {
		const count = counts[at] as number;
		const distance = (x[at] as number) - meanX;
		spread += count * distance * distance;
		// The mean of y would drop out of the sum: the distances from the mean of x have none.
		product += count * distance * ((values[at] as number) / medianRatio - 1);
	}
	// All of one value: there is nothing for a bias to be related to.
	return spread === 0 ? 0 : product / spread;
}
