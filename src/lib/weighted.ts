export interface Weighted {
	readonly value: number;
	/** Above 0. */
	readonly weight: number;
}

/** The value below which the share `q` (0..1) of the weight lies; the median for 0.5. Needs at least one item. */
export function weightedQuantile(items: readonly Weighted[], q: number): number {
	const sorted = [...items].sort((left, right) => left.value - right.value);
	const target = q * totalWeight(sorted);
	let below = 0;
	for (const { value, weight } of sorted) {
		below += weight;
		if (below >= target) return value;
	}
	const last = sorted.at(-1);
	if (!last) throw new RangeError("A quantile of nothing");
	return last.value;
}

/** How many equally weighted items would say as much (Kish): from 1, when one has all the weight, to all of them. */
export function effectiveCount(items: readonly Weighted[]): number {
	const squares = items.reduce((sum, { weight }) => sum + weight * weight, 0);
	return squares === 0 ? 0 : totalWeight(items) ** 2 / squares;
}

export function totalWeight(items: readonly Weighted[]): number {
	return items.reduce((sum, { weight }) => sum + weight, 0);
}
