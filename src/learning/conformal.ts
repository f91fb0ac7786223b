/**
 * The score that a new one stays at or below with the given probability, whatever the scores are scores of: of `n` that
 * are exchangeable with the new one, the `ceil((n + 1) * coverage)`-th smallest (split conformal prediction; Papadopoulos
 * et al. 2002, Lei et al. 2018). Infinity where that is more than there are: too few to promise anything.
 *
 * @param coverage above 0 and below 1
 * @throws {RangeError} for another coverage, or a score that is not a number
 */
export function conformalQuantile(scores: ArrayLike<number>, coverage: number): number {
	if (!(coverage > 0 && coverage < 1)) {
		throw new RangeError(`A coverage lies between 0 and 1, not at ${coverage}`);
	}
	const sorted = Float64Array.from(scores).sort();
	if (sorted.some(Number.isNaN)) throw new RangeError("A score has to be a number");
	const rank = (sorted.length + 1) * coverage;
	// 100 * 0.55 comes out as 55.00000000000001: a product that is a whole number but for its last bits is that number.
	const whole = Math.ceil(rank - 1e-12 * (sorted.length + 1));
	return sorted[whole - 1] ?? Number.POSITIVE_INFINITY;
}
