import { NO_RATES } from "./adjust.ts";
import { type Assumed, type Described, fillIn } from "./assume.ts";
import { type Calibration, calibrationFor } from "./calibration.ts";
import { describeFeatures, FEATURE_GROUPS, type FeatureGroup, spread } from "./features.ts";
import { type Indication, indicate } from "./indicate.ts";
import type { Layer, Model } from "./model.ts";
import { type KnownSales, pickComparables } from "./pick.ts";
import type { Valued } from "./sale.ts";
import { isLearned, type Segment, segmentOf } from "./segment.ts";
import type { Support } from "./support.ts";

/** Fewer sales of the type and about the size, and there is no estimate. */
export const COMPARABLES_NEEDED = 5;
/** Bounds of what error is expected where it is taken from the spread of the comparables alone, in ln(price). */
const SPREAD_BOUNDS = { least: 0.02, most: 1 };

export interface Estimate {
	/** As it was valued: with what had to be assumed. */
	readonly subject: Valued;
	readonly assumed: readonly Assumed[];
	readonly segment: Segment;
	readonly support: Support;
	/** What the comparables say by themselves, with their weights. */
	readonly indication: Indication;
	/** ln(AED/m2). */
	readonly level: number;
	/** The departures from the indicated level that were learned; they sum to it. Empty where nothing was. */
	readonly departures: readonly { readonly from: FeatureGroup; readonly by: number }[];
	/** The error to be expected, in ln(price); it means something by the calibration only. */
	readonly expectedError: number;
	readonly calibration: Calibration | undefined;
	/** Sales of the type and about the size that were looked at. */
	readonly comparablesFound: number;
}

/** Why there is no estimate. */
export interface TooLittle {
	readonly comparablesFound: number;
}

/** What the subject describes, and whether it names a project, known or not. */
export interface Asked extends Described {
	readonly namesProject: boolean;
}

/**
 * Values the subject: by what comparable sales fetched, brought to its size and day, and by what the model has learned
 * about how prices depart from that.
 *
 * @param sales of the subject's type; those of its day and later do not count
 * @param model undefined before any was trained: the comparables speak for themselves, and no range is known
 */
export function estimate(asked: Asked, sales: KnownSales, model: Model | undefined): Estimate | TooLittle {
	const picked = pickComparables(asked, sales);
	const comparablesFound = new Set([...picked.project, ...picked.area].map((sale) => sale.id)).size;
	if (comparablesFound < COMPARABLES_NEEDED) return { comparablesFound };
	const { subject, assumed } = fillIn(asked, picked);
	const segment = segmentOf(subject);
	const rates = model?.rates[segment] ?? NO_RATES;
	const indications = indicate(subject, picked, rates);
	const { best } = indications;
	if (!best) return { comparablesFound };
	const support = picked.project.length > 0 ? "project" : asked.namesProject ? "new-project" : "area";
	const layer = isLearned(subject.propertyType)
		? model?.layers[support === "project" ? "project" : "area"]
		: undefined;
	const learned = layer ? depart(layer, describeFeatures(subject, indications, rates)) : undefined;
	return {
		subject,
		assumed,
		segment,
		support,
		indication: best,
		level: best.level + (learned?.by ?? 0),
		departures: learned?.departures ?? [],
		expectedError: learned?.expectedError ?? errorBySpread(best),
		calibration: model && calibrationFor(model.calibration, segment, support),
		comparablesFound,
	};
}

function depart({ level, spread: error }: Layer, { row, groups }: ReturnType<typeof describeFeatures>) {
	const { bias, parts } = level.explain(row);
	const sums = new Map<FeatureGroup, number>([["property", bias]]);
	for (const [index, part] of parts.entries()) {
		const group = groups[index] as FeatureGroup;
		sums.set(group, (sums.get(group) ?? 0) + part);
	}
	const departures = FEATURE_GROUPS.map((from) => ({ from, by: sums.get(from) ?? 0 }));
	return {
		departures,
		by: departures.reduce((sum, { by }) => sum + by, 0),
		expectedError: Math.exp(error.predict(row)),
	};
}

/** Half of what the middle 60 % of the comparables differ by. */
export function errorBySpread(indication: Indication): number {
	return Math.min(SPREAD_BOUNDS.most, Math.max(SPREAD_BOUNDS.least, spread(indication) / 2));
}
