/** What several rounds gave. */
export interface Spread {
	readonly median: number;
	readonly min: number;
	readonly max: number;
}

/** @throws {RangeError} for none at all. */
export function spreadOf(values: readonly number[]): Spread {
	if (values.length === 0) throw new RangeError("There is no median of nothing");
	const sorted = [...values].sort((left, right) => left - right);
	const half = (sorted.length - 1) / 2;
	const [low = 0, high = 0] = [sorted[Math.floor(half)], sorted[Math.ceil(half)]];
	return { median: (low + high) / 2, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

/**
 * How two cases compare: the ratio is taken within each round, where both saw the same machine, and only then the
 * median. A round in which either is missing does not count.
 */
export function ratioSpread(
	of: ReadonlyMap<number, number>,
	against: ReadonlyMap<number, number>,
): Spread | undefined {
	const ratios: number[] = [];
	for (const [round, value] of of) {
		const other = against.get(round);
		if (other !== undefined && other > 0) ratios.push(value / other);
	}
	return ratios.length > 0 ? spreadOf(ratios) : undefined;
}
