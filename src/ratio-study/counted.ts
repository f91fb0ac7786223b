/** The mean of the values when each counts as often as is said. */
export function countedMean(values: Float64Array, counts: Uint32Array): number {
	let total = 0;
	let sum = 0;
	for (let at = 0; at < counts.length; at += 1) {
		const count = counts[at] as number;
		total += count;
		sum += count * (values[at] as number);
	}
	return sum / total;
}

/** The median of the values when each counts as often as is said. */
export function countedMedian(values: Float64Array): (counts: Uint32Array) => number {
	const order = Uint32Array.from(values.keys()).sort(
		(left, right) => (values[left] as number) - (values[right] as number),
	);
	return (counts) => {
		let total = 0;
		for (let at = 0; at < counts.length; at += 1) total += counts[at] as number;
		if (total === 0) throw new RangeError("There is no median of nothing");
		let upTo = 0;
		let lower: number | undefined;
		for (let rank = 0; rank < order.length; rank += 1) {
			const at = order[rank] as number;
			upTo += counts[at] as number;
			if (lower === undefined && 2 * upTo >= total) lower = values[at] as number;
			if (lower !== undefined && 2 * upTo > total) return (lower + (values[at] as number)) / 2;
		}
		throw new RangeError("There are more counts than values");
	};
}
