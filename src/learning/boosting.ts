import { type Binned, binColumns } from "./binning.ts";
import { BoostedTrees, type TreeNode } from "./boosted-trees.ts";
import { addTree, type GrownNode, type GrowOptions, grow } from "./grow.ts";

export interface BoostingOptions extends GrowOptions {
	trees: number;
	/** Shares of the rows and of the features that each tree gets to see, 0..1. */
	rowShare: number;
	featureShare: number;
	/** How far, and which way, a prediction should go that is wrong by `residual`: the target minus the prediction. */
	pull(residual: number): number;
	/** Uniform in [0, 1). */
	random(): number;
}

/**
 * Follows the bulk of the targets and lets go of those that lie far from it, in the manner of Welsch's loss: the pull is
 * greatest at `width`, and next to nothing at three times that.
 */
export function welsch(width: number): BoostingOptions["pull"] {
	return (residual) => residual * Math.exp(-0.5 * (residual / width) ** 2);
}

/** The residual itself while it is small, `width` when it is large: draws towards the median rather than the mean. */
export function pseudoHuber(width: number): BoostingOptions["pull"] {
	return (residual) => residual / Math.sqrt(1 + (residual / width) ** 2);
}

/**
 * Learns to predict `targets` by gradient boosting (Friedman 2001) over binned features (as LightGBM does). Each tree is
 * grown on what the ones before it left over. What is unknown goes to the left of every split.
 *
 * @param rows the features, row after row; NaN where something is not known
 */
export function boost(rows: Float64Array, targets: Float64Array, options: BoostingOptions): BoostedTrees {
	const count = targets.length;
	if (count === 0 || rows.length % count !== 0)
		throw new RangeError("Rows and targets do not belong together");
	const binned = binColumns(rows, rows.length / count);
	const predictions = new Float64Array(count);
	const pulls = new Float64Array(count);
	const trees: TreeNode[][] = [];
	for (let tree = 0; tree < options.trees; tree += 1) {
		for (let row = 0; row < count; row += 1) {
			pulls[row] = options.pull((targets[row] as number) - (predictions[row] as number));
		}
		const drawn = {
			rows: draw(count, options.rowShare, options.random),
			features: draw(binned.bins.length, options.featureShare, options.random),
		};
		const grown = grow(binned, pulls, drawn, options);
		addTree(grown, binned, predictions);
		trees.push(grown.map((node) => unbinned(node, binned)));
	}
	return BoostedTrees.of(binned.bins.length, trees);
}

function draw(count: number, share: number, random: () => number): Int32Array {
	const drawn = new Int32Array(count);
	let size = 0;
	for (let index = 0; index < count; index += 1) if (random() < share) drawn[size++] = index;
	return drawn.subarray(0, size);
}

function unbinned({ feature, bin, left, right, value }: GrownNode, { edges }: Binned): TreeNode {
	if (feature < 0) return { feature, threshold: 0, left, right, value };
	// Bin 0 is the unknown: of what is known, nothing lies below.
	const threshold =
		bin === 0 ? Number.NEGATIVE_INFINITY : ((edges[feature] as Float64Array)[bin - 1] as number);
	return { feature, threshold, left, right, value };
}
