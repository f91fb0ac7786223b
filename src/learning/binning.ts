/** The bin of what is not known; the others count upwards from 1. */
export const MISSING = 0;
/** Bins of each feature, that of the unknown included. */
export const BINS = 64;
/** Rows from which the edges are taken. */
const SAMPLED = 20_000;

export interface Binned {
	/** By feature, then by row: a feature's bins lie together, and so does what is counted of them. */
	readonly bins: readonly Uint8Array[];
	/** By feature, ascending: bin `b` holds what is below `edges[b - 1]` and not below `edges[b - 2]`. */
	readonly edges: readonly Float64Array[];
}

/** Sorts each feature into bins that hold about as many rows each, so that a split is a choice among a few edges. */
export function binColumns(rows: Float64Array, width: number): Binned {
	const count = width === 0 ? 0 : rows.length / width;
	const edges = Array.from({ length: width }, (_, feature) => edgesOf(rows, width, feature));
	const bins = edges.map((ofFeature, feature) => {
		const column = new Uint8Array(count);
		for (let row = 0; row < count; row += 1)
			column[row] = binOf(ofFeature, rows[row * width + feature] as number);
		return column;
	});
	return { bins, edges };
}

function edgesOf(rows: Float64Array, width: number, feature: number): Float64Array {
	const step = width * Math.max(1, Math.floor(rows.length / width / SAMPLED));
	const values: number[] = [];
	for (let at = feature; at < rows.length; at += step) {
		const value = rows[at] as number;
		if (!Number.isNaN(value)) values.push(value);
	}
	const sorted = Float64Array.from(values).sort();
	const edges = new Set<number>();
	for (let bin = 1; bin < BINS - 1; bin += 1) {
		const value = sorted[Math.floor((bin * sorted.length) / (BINS - 1))];
		if (value !== undefined) edges.add(value);
	}
	return Float64Array.from(edges);
}

function binOf(edges: Float64Array, value: number): number {
	if (Number.isNaN(value)) return MISSING;
	let low = 0;
	let high = edges.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (value >= (edges[middle] as number)) low = middle + 1;
		else high = middle;
	}
	return low + 1;
}
