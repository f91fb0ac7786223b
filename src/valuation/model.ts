import type { BoostedTrees } from "../learning/boosted-trees.ts";
import type { RentCalibration } from "../rents/calibration.ts";
import type { RatesBySegment } from "./adjust.ts";
import type { Calibration } from "./calibration.ts";

/** The way values are worked out. Raised when the same model would give other values: what was trained for another is not used. */
export const METHOD = "comparables-2";

/** What was learned beyond the comparables, for homes with sales of their own project or for those without. */
export interface Layer {
	/** By how much to depart from the indicated ln(AED/m2). */
	readonly level: BoostedTrees;
	/** ln of the error to be expected, in ln(price). */
	readonly spread: BoostedTrees;
}

/** All that is learned from past sales; comparables are looked up anew each time. */
export interface Model {
	/** Unique to one training. */
	readonly version: string;
	/** Days from 1970-01-01: of the first and the last sale that it was trained on. */
	readonly dataFrom: number;
	readonly dataThrough: number;
	/** How many sales these were. */
	readonly sales: number;
	readonly rates: RatesBySegment;
	/** Absent where there were too few sales to learn from. */
	readonly layers: Readonly<Partial<Record<"project" | "area", Layer>>>;
	readonly calibration: readonly Calibration[];
	/** How good rents have been; absent where there were no contracts to learn it from. */
	readonly rents?: RentCalibration | undefined;
}
