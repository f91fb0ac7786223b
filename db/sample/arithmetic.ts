/**
 * e to the power of `x`, for |x| up to about 20. Math.exp may differ in its last bit from one platform to the next;
 * sums and products may not, and the sample has to come out the same everywhere.
 */
export function exp(x: number): number {
	const HALVINGS = 8;
	const small = x / 2 ** HALVINGS;
	let term = 1;
	let sum = 1;
	for (let n = 1; n <= 10; n++) {
		term *= small / n;
		sum += term;
	}
	for (let n = 0; n < HALVINGS; n++) sum *= sum;
	return sum;
}

export function roundTo(value: number, step: number): number {
	return Math.round(value / step) * step;
}

/** As the Department's files print money and sizes. */
export function twoDecimals(value: number): string {
	return value.toFixed(2);
}
