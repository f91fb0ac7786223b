/** Nothing here iterates by `for of`: over typed arrays it costs several times the arithmetic. */
export interface Weighed {
	readonly values: Float64Array;
	/** 0 or more. */
	readonly weights: Float64Array;
	/** The indices of `values`, ascending by value. */
	readonly order: Uint32Array;
}

export function ascending(values: Float64Array): Uint32Array {
	const order = new Uint32Array(values.length);
	for (let index = 0; index < order.length; index += 1) order[index] = index;
	return order.sort((left, right) => (values[left] as number) - (values[right] as number));
}

/**
 * The value below which the share `q` (0..1) of the weight lies; the median for 0.5. Each value stands at the middle of its
 * own weight, and between two of them it goes in a straight line; NaN where nothing has any weight.
 */
export function weightedQuantile({ values, weights, order }: Weighed, q: number): number {
	const target = q * sumOf(weights);
	let below = 0;
	let lastMiddle = Number.NaN;
	let lastValue = Number.NaN;
	for (let place = 0; place < order.length; place += 1) {
		const index = order[place] as number;
		const weight = weights[index] as number;
		if (weight === 0) continue;
		const value = values[index] as number;
		const middle = below + weight / 2;
		if (middle >= target) {
			if (Number.isNaN(lastMiddle)) return value;
			return lastValue + ((target - lastMiddle) / (middle - lastMiddle)) * (value - lastValue);
		}
		below += weight;
		lastMiddle = middle;
		lastValue = value;
	}
	return lastValue;
}

/** How many equally weighted ones would say as much (Kish): from 1, when one has all the weight, to all of them. */
export function effectiveCount(weights: Float64Array): number {
	let sum = 0;
	let squares = 0;
	for (let index = 0; index < weights.length; index += 1) {
		const weight = weights[index] as number;
		sum += weight;
		squares += weight * weight;
	}
	return squares === 0 ? 0 : (sum * sum) / squares;
}

export function sumOf(values: Float64Array): number {
	let sum = 0;
	for (let index = 0; index < values.length; index += 1) sum += values[index] as number;
	return sum;
}
