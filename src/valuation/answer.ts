import type { Directory } from "../areas/directory.ts";
import type { Label } from "../http/label.ts";
import { dayOfNumber } from "../lib/days.ts";
import { weightedQuantile } from "../lib/weighted.ts";
import { TARGET_COVERAGE } from "./calibration.ts";
import { describeComparables } from "./comparables.ts";
import { contributionsTo } from "./contributions.ts";
import type { Estimate } from "./estimate.ts";
import type { Gathered } from "./gather.ts";
import { describeRent } from "./rental.ts";
import { roomsName, roundMoney, share } from "./rounding.ts";
import type { ValuedSubject } from "./valued-subject.ts";
import { warningsAbout } from "./warnings.ts";

/** The public shape of a valuation. Money in AED, sizes in square metres, shares in 0..1, days in Dubai. */
export function describeValuation(
	valued: ValuedSubject,
	{ directory, label }: { directory: Directory; label: Label },
) {
	const { subject, estimate, gathered, model } = valued;
	const exact = Math.exp(estimate.level) * subject.sizeSqm;
	const value = roundMoney(exact);
	const { comparables, used, effective } = describeComparables(valued, directory, label);
	return {
		...label,
		estimated_value: value,
		currency: "AED",
		price_per_sqm: Math.round(exact / subject.sizeSqm),
		value_range: rangeOf(estimate, exact, value),
		fsd: deviationOf(estimate),
		...confidenceOf(estimate),
		segment: estimate.segment,
		search_scope: estimate.indication.scope,
		/** What the value rests on: the project's own sales, those around a project without any, or the area's. */
		support: estimate.support,
		subject: {
			property_type: subject.propertyType,
			area: subject.place.name,
			project: subject.project?.name ?? null,
			size_sqm: subject.sizeSqm,
			bedrooms: roomsName(estimate.subject.rooms),
			development_status: estimate.subject.ready ? "Ready" : "Off-Plan",
			assumed: estimate.assumed,
		},
		contributions: contributionsTo(estimate, value),
		comparables,
		total_comparables_found: estimate.comparablesFound,
		comparables_used: used,
		effective_comparables: effective,
		rental_data: describeRent(valued.rent, value),
		market_data: describeMarket(gathered),
		valuation_date: subject.asOf,
		as_of: subject.asOf,
		data_through: directory.dataThrough,
		data_version: `market-${directory.version}`,
		model_version: subject.model,
		model_data_through: model ? dayOfNumber(model.dataThrough) : null,
		warnings: warningsAbout(valued, directory),
	};
}

function rangeOf({ calibration, expectedError, indication, level }: Estimate, exact: number, value: number) {
	const isKnown = calibration !== undefined && Number.isFinite(calibration.range);
	const half = isKnown ? expectedError * calibration.range : 0;
	// Without a measure there is the spread of the comparables, which promises nothing.
	const below = isKnown ? -half : weightedQuantile(indication, 0.1) - level;
	const above = isKnown ? half : weightedQuantile(indication, 0.9) - level;
	return {
		low: Math.min(value, roundMoney(exact * Math.exp(below))),
		high: Math.max(value, roundMoney(exact * Math.exp(above))),
		/** The share of true prices that the range should hold, the share that it was measured to hold, on so many sales. */
		target_coverage: TARGET_COVERAGE,
		measured_coverage: isKnown && calibration.coverage !== null ? share(calibration.coverage) : null,
		n: isKnown ? calibration.n : 0,
	};
}

/** The forecast standard deviation, as a share of the value: about two in three prices lie within it. */
function deviationOf({ calibration, expectedError }: Estimate): number | null {
	if (!calibration || !Number.isFinite(calibration.deviation)) return null;
	return share(Math.expm1(expectedError * calibration.deviation));
}

/**
 * In percent: of past sales of which as large an error was to be expected, the share that was valued within 10 % of the
 * price. Without a measure, the share of the comparables that lie within 10 %, as if one more disagreed.
 */
function confidenceOf({ calibration, expectedError, indication, level }: Estimate) {
	const bin = calibration?.within10.find(({ upTo }) => expectedError <= upTo) ?? calibration?.within10.at(-1);
	if (bin) {
		return {
			confidence_score: Math.round(100 * bin.share),
			confidence: { within_10_percent: share(bin.share), n: bin.n },
		};
	}
	let agreeing = 0;
	for (const [index, value] of indication.values.entries()) {
		if (Math.abs(Math.expm1(value - level)) <= 0.1) agreeing += indication.weights[index] as number;
	}
	const score = ((agreeing / indication.total) * indication.effective) / (indication.effective + 1);
	return { confidence_score: Math.round(100 * score), confidence: { within_10_percent: null, n: 0 } };
}

function describeMarket({ months: { last, before } }: Gathered) {
	return {
		month: last?.month.slice(0, 7) ?? null,
		sales: last?.sales ?? 0,
		median_price_per_sqm: last ? Math.round(last.medianPerSqm) : null,
		change_from_previous_month: last && before ? share(last.medianPerSqm / before.medianPerSqm - 1) : null,
	};
}
