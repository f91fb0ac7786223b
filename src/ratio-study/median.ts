/**
 * The value in the middle, or halfway between the two in the middle.
 *
 * @throws {RangeError} for no values at all
 */
export function median(values: ArrayLike<number>): number {
	return medianInPlace(Float64Array.from(values));
}

/**
 * The same without a copy: changes the order of the values.
 *
 * @throws {RangeError} for no values at all
 */
export function medianInPlace(values: Float64Array): number {
	if (values.length === 0) throw new RangeError("There is no median of nothing");
	const upperAt = values.length >> 1;
	const upper = select(values, upperAt);
	if (values.length % 2 === 1) return upper;
	// Selecting has left nothing greater than `upper` before it: the other middle one is the greatest of these.
	let lower = Number.NEGATIVE_INFINITY;
	for (let at = 0; at < upperAt; at += 1) lower = Math.max(lower, values[at] as number);
	return (lower + upper) / 2;
}

/** Hoare's selection: sorting all for the sake of one value is most of what a study would spend its time on. */
function select(values: Float64Array, rank: number): number {
	let low = 0;
	let high = values.length - 1;
	while (low < high) {
		const pivot = values[(low + high) >> 1] as number;
		let left = low;
		let right = high;
		while (left <= right) {
			while ((values[left] as number) < pivot) left += 1;
			while ((values[right] as number) > pivot) right -= 1;
			if (left > right) break;
			const moved = values[left] as number;
			values[left] = values[right] as number;
			values[right] = moved;
			left += 1;
			right -= 1;
		}
		if (rank <= right) high = right;
		else if (rank >= left) low = left;
		else break;
	}
	return values[rank] as number;
}
