import { BINS, type Binned } from "./binning.ts";

export interface GrowOptions {
	/** Splits from the root to a leaf, at the most. */
	depth: number;
	/** The share of the step that is taken, 0..1. */
	rate: number;
	/** Rows in the smallest leaf. */
	leafRows: number;
	/** Rows' worth of zeros that every node is drawn towards. */
	shrinkage: number;
}

export interface GrownNode {
	/** -1 in a leaf. */
	feature: number;
	/** The highest bin that goes to the left. */
	bin: number;
	left: number;
	right: number;
	value: number;
}

/** Sums of pulls and counts of rows, alternating, by feature and bin. */
type Histogram = Float64Array;

/** The tree, root first, that follows the pulls of the drawn rows best by the drawn features. */
export function grow(
	{ bins, edges }: Binned,
	pulls: Float64Array,
	drawn: { rows: Int32Array; features: Int32Array },
	{ depth, rate, leafRows, shrinkage }: GrowOptions,
): GrownNode[] {
	const nodes: GrownNode[] = [];
	const { features } = drawn;
	const spare: Histogram[] = [];

	function histogramOf(rows: Int32Array): Histogram {
		const histogram = spare.pop()?.fill(0) ?? new Float64Array(bins.length * BINS * 2);
		const pulled = Float64Array.from(rows, (row) => pulls[row] as number);
		for (const feature of features) {
			const column = bins[feature] as Uint8Array;
			const start = feature * BINS;
			for (let index = 0; index < rows.length; index += 1) {
				const at = (start + (column[rows[index] as number] as number)) * 2;
				histogram[at] = (histogram[at] as number) + (pulled[index] as number);
				histogram[at + 1] = (histogram[at + 1] as number) + 1;
			}
		}
		return histogram;
	}

	/** What the two children of a node have together is what the node has: only the smaller one has to be counted. */
	function less(whole: Histogram, part: Histogram): Histogram {
		for (let at = 0; at < whole.length; at += 1) whole[at] = (whole[at] as number) - (part[at] as number);
		return whole;
	}

	function bestSplit(
		histogram: Histogram,
		sum: number,
		count: number,
	): { feature: number; bin: number } | undefined {
		let best: { feature: number; bin: number } | undefined;
		let bestGain = (sum * sum) / (count + shrinkage) + 1e-9;
		for (const feature of features) {
			const last = (edges[feature] as Float64Array).length;
			let leftSum = 0;
			let leftCount = 0;
			for (let bin = 0; bin <= last; bin += 1) {
				const at = (feature * BINS + bin) * 2;
				leftSum += histogram[at] as number;
				leftCount += histogram[at + 1] as number;
				if (leftCount < leafRows) continue;
				const rightCount = count - leftCount;
				if (rightCount < leafRows) break;
				const rightSum = sum - leftSum;
				const gain = leftSum ** 2 / (leftCount + shrinkage) + rightSum ** 2 / (rightCount + shrinkage);
				if (gain > bestGain) {
					bestGain = gain;
					best = { feature, bin };
				}
			}
		}
		return best;
	}

	function build(rows: Int32Array, given: Histogram | undefined, levels: number): number {
		const me = nodes.length;
		let sum = 0;
		for (const row of rows) sum += pulls[row] as number;
		const node: GrownNode = {
			feature: -1,
			bin: 0,
			left: 0,
			right: 0,
			value: (rate * sum) / (rows.length + shrinkage),
		};
		nodes.push(node);
		if (levels === 0 || rows.length < 2 * leafRows) {
			if (given) spare.push(given);
			return me;
		}
		const histogram = given ?? histogramOf(rows);
		const split = bestSplit(histogram, sum, rows.length);
		if (!split) {
			spare.push(histogram);
			return me;
		}
		const [left, right] = divide(rows, split);
		const small = left.length <= right.length ? left : right;
		const ofSmall = histogramOf(small);
		const ofLarge = less(histogram, ofSmall);
		const of = (part: Int32Array) => (part === small ? ofSmall : ofLarge);
		node.feature = split.feature;
		node.bin = split.bin;
		node.left = build(left, of(left), levels - 1);
		node.right = build(right, of(right), levels - 1);
		return me;
	}

	function divide(
		rows: Int32Array,
		{ feature, bin }: { feature: number; bin: number },
	): [Int32Array, Int32Array] {
		const sorted = new Int32Array(rows.length);
		let low = 0;
		let high = rows.length;
		const column = bins[feature] as Uint8Array;
		for (const row of rows) {
			if ((column[row] as number) <= bin) sorted[low++] = row;
			else sorted[--high] = row;
		}
		return [sorted.subarray(0, low), sorted.subarray(low)];
	}

	build(drawn.rows, undefined, depth);
	return nodes;
}

/** Takes each row down the tree and adds what it finds there. */
export function addTree(nodes: readonly GrownNode[], { bins }: Binned, predictions: Float64Array): void {
	for (let row = 0; row < predictions.length; row += 1) {
		let node = nodes[0] as GrownNode;
		while (node.feature >= 0) {
			const goesLeft = ((bins[node.feature] as Uint8Array)[row] as number) <= node.bin;
			node = nodes[goesLeft ? node.left : node.right] as GrownNode;
		}
		predictions[row] = (predictions[row] as number) + node.value;
	}
}
