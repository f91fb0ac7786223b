import { z } from "zod";
import { fromBase64, toBase64 } from "./base64.ts";

/** One node, as in `TreeNode[]` of which the first is the root. */
export interface TreeNode {
	/** Which feature decides; -1 in a leaf. */
	feature: number;
	/** Below it, and where the feature is NaN, it goes to the left. */
	threshold: number;
	left: number;
	right: number;
	/** What is predicted for all that comes by, were it to stop here. */
	value: number;
}

const encodedTrees = z.object({
	width: z.int().min(1),
	roots: z.string(),
	features: z.string(),
	thresholds: z.string(),
	children: z.string(),
	values: z.string(),
});

/** Plain JSON; the numbers as base64 of little-endian arrays. */
export type EncodedTrees = z.output<typeof encodedTrees>;

/** A sum of trees. All nodes of all trees lie one after the other, so that predicting is following indices. */
export class BoostedTrees {
	private constructor(
		/** How many features it reads. */
		readonly width: number,
		private readonly roots: Int32Array,
		private readonly features: Int16Array,
		private readonly thresholds: Float64Array,
		/** Of node `n` the left one at `2 n`, the right one at `2 n + 1`. */
		private readonly children: Int32Array,
		private readonly values: Float64Array,
	) {}

	static of(width: number, trees: readonly (readonly TreeNode[])[]): BoostedTrees {
		const total = trees.reduce((sum, tree) => sum + tree.length, 0);
		const all = new BoostedTrees(
			width,
			new Int32Array(trees.length),
			new Int16Array(total),
			new Float64Array(total),
			new Int32Array(2 * total),
			new Float64Array(total),
		);
		let start = 0;
		for (const [index, tree] of trees.entries()) {
			all.roots[index] = start;
			for (const [offset, node] of tree.entries()) {
				const at = start + offset;
				all.features[at] = node.feature;
				all.thresholds[at] = node.threshold;
				all.children[2 * at] = start + node.left;
				all.children[2 * at + 1] = start + node.right;
				all.values[at] = node.value;
			}
			start += tree.length;
		}
		return all;
	}

	predict(row: ArrayLike<number>): number {
		let sum = 0;
		for (const root of this.roots) {
			let node = root;
			for (let next = this.next(node, row); next >= 0; next = this.next(node, row)) node = next;
			sum += this.values[node] as number;
		}
		return sum;
	}

	/**
	 * The same prediction, divided among the features by the steps that each one's splits make on the way down (Saabas
	 * 2014): `bias` and the parts sum to it.
	 */
	explain(row: ArrayLike<number>): { bias: number; parts: Float64Array } {
		const parts = new Float64Array(this.width);
		let bias = 0;
		for (const root of this.roots) {
			bias += this.values[root] as number;
			let node = root;
			for (let next = this.next(node, row); next >= 0; next = this.next(node, row)) {
				const feature = this.features[node] as number;
				parts[feature] =
					(parts[feature] as number) + (this.values[next] as number) - (this.values[node] as number);
				node = next;
			}
		}
		return { bias, parts };
	}

	/** -1 in a leaf. */
	private next(node: number, row: ArrayLike<number>): number {
		const feature = this.features[node] as number;
		if (feature < 0) return -1;
		// Written so that NaN goes to the left.
		const right = (row[feature] as number) >= (this.thresholds[node] as number);
		return this.children[right ? 2 * node + 1 : 2 * node] as number;
	}

	encode(): EncodedTrees {
		return {
			width: this.width,
			roots: toBase64(this.roots),
			features: toBase64(this.features),
			thresholds: toBase64(this.thresholds),
			children: toBase64(this.children),
			values: toBase64(this.values),
		};
	}

	/** @throws {Error} for anything that `encode` did not make */
	static decode(encoded: unknown): BoostedTrees {
		const { width, roots, features, thresholds, children, values } = encodedTrees.parse(encoded);
		const trees = new BoostedTrees(
			width,
			new Int32Array(fromBase64(roots)),
			new Int16Array(fromBase64(features)),
			new Float64Array(fromBase64(thresholds)),
			new Int32Array(fromBase64(children)),
			new Float64Array(fromBase64(values)),
		);
		const nodes = trees.values.length;
		const isInner = (node: number) => (trees.features[node] as number) >= 0;
		const whole =
			trees.features.length === nodes &&
			trees.thresholds.length === nodes &&
			trees.children.length === 2 * nodes &&
			trees.features.every((feature) => feature < width) &&
			trees.roots.every((root) => root >= 0 && root < nodes) &&
			// Every step leads further on: nothing that is read here can go round in circles.
			trees.children.every((child, at) => !isInner(at >> 1) || (child > at >> 1 && child < nodes));
		if (!whole) throw new Error("The trees are damaged");
		return trees;
	}
}
