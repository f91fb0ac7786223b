import type { ComparableSale } from "../../db/queries/evidence.ts";
import type { Label } from "../http/label.ts";
import type { Comparable, Estimate } from "./estimate.ts";
import { type Gathered, MARKET_DAYS } from "./gather.ts";
import type { Subject } from "./subject.ts";

/** Raised when the same evidence would give another value. */
export const MODEL_VERSION = "comparables-1";

const COMPARABLES_SHOWN = 10;
const RENTS_NEEDED = 5;

/** The public shape of a valuation. Money in AED, sizes in square metres, shares in 0..1, days in Dubai. */
export function describeValuation(
	subject: Subject,
	estimate: Estimate<ComparableSale>,
	gathered: Gathered,
	{ dataVersion, label }: { dataVersion: string; label: Label },
) {
	const value = roundMoney(estimate.perSqm * subject.sizeSqm);
	return {
		...label,
		estimated_value: value,
		currency: "AED",
		price_per_sqm: Math.round(estimate.perSqm),
		value_range: {
			low: Math.min(value, roundMoney(estimate.range.low * subject.sizeSqm)),
			high: Math.max(value, roundMoney(estimate.range.high * subject.sizeSqm)),
			/** The share of true prices that the range should hold, and the share that it was measured to hold. */
			target_coverage: 0.8,
			measured_coverage: null,
		},
		confidence_score: estimate.confidence,
		segment: segment(subject),
		search_scope: estimate.scope,
		subject: {
			property_type: subject.propertyType,
			area: subject.place.name,
			project: subject.project?.name ?? null,
			size_sqm: subject.sizeSqm,
			bedrooms: roomsName(subject.rooms),
			development_status: subject.developmentStatus,
		},
		comparables: estimate.comparables
			.slice(0, COMPARABLES_SHOWN)
			.map((item) => ({ ...label, ...describe(item, subject) })),
		total_comparables_found: gathered.comparablesFound,
		comparables_used: estimate.comparables.length,
		effective_comparables: Math.round(estimate.effectiveCount * 10) / 10,
		market_data: describeMarket(gathered),
		rental_data: describeRents(gathered, subject, value),
		valuation_date: subject.asOf,
		model_version: MODEL_VERSION,
		data_version: dataVersion,
		warnings: warnings(subject, estimate),
	};
}

function describe({ sale, perSqm, weight }: Comparable<ComparableSale>, subject: Subject) {
	return {
		project: sale.project,
		area: sale.area,
		registered_on: sale.registeredOn,
		price: sale.price,
		size_sqm: sale.sizeSqm,
		price_per_sqm: Math.round(perSqm),
		bedrooms: roomsName(sale.rooms),
		development_status: sale.developmentStatus,
		weight: Math.round(weight * 1e4) / 1e4,
		/** The one adjustment made: the sale's price per square metre applied to the subject's size. */
		adjustments: [{ for: "size", factor: Math.round((subject.sizeSqm / sale.sizeSqm) * 1e4) / 1e4 }],
		indicated_value: roundMoney(perSqm * subject.sizeSqm),
	};
}

function describeMarket({ market }: Gathered) {
	const { medianPerSqm, earlierMedianPerSqm } = market;
	return {
		period_days: MARKET_DAYS,
		sales: market.sales,
		median_price_per_sqm: medianPerSqm === null ? null : Math.round(medianPerSqm),
		change_from_previous_period:
			medianPerSqm && earlierMedianPerSqm
				? Math.round((medianPerSqm / earlierMedianPerSqm - 1) * 1e4) / 1e4
				: null,
	};
}

function describeRents({ rents }: Gathered, subject: Subject, value: number) {
	if (rents.medianPerSqm === null || rents.contracts < RENTS_NEEDED) return null;
	const annual = roundMoney(rents.medianPerSqm * subject.sizeSqm);
	return {
		estimated_annual_rent: annual,
		rent_per_sqm: Math.round(rents.medianPerSqm),
		gross_yield: Math.round((annual / value) * 1e4) / 1e4,
		new_contracts: rents.contracts,
	};
}

function warnings(subject: Subject, estimate: Estimate<ComparableSale>): string[] {
	const list: string[] = [];
	if (subject.unknownProject !== null) {
		list.push(
			`No project "${subject.unknownProject}" is known in ${subject.place.name}; the area's sales were used.`,
		);
	} else if (subject.project && estimate.scope === "area") {
		list.push(
			`${subject.project.name} has too few recent sales of about this size; the area's sales were used as well.`,
		);
	}
	if (subject.rooms === null && ["Flat", "Villa"].includes(subject.propertyType)) {
		list.push("Without the number of bedrooms the value is less certain.");
	}
	if (subject.developmentStatus === null) {
		list.push("Ready and off-plan sales were used alike, as the development status was not given.");
	}
	for (const name of subject.withoutEffect) {
		list.push(`${name} had no effect: the register does not say it of the comparables.`);
	}
	list.push(
		"The range comes from the spread of the comparables; how often it holds has not been measured yet.",
	);
	return list;
}

function segment({ propertyType, rooms, developmentStatus }: Subject): string {
	return [propertyType, roomsName(rooms), developmentStatus].filter((part) => part !== null).join(", ");
}

function roomsName(rooms: number | null): string | null {
	if (rooms === null) return null;
	return rooms === 0 ? "Studio" : `${rooms} B/R`;
}

/** Three significant digits more than the evidence carries would be a false promise: whole thousands, hundreds below. */
function roundMoney(value: number): number {
	const step = value >= 200_000 ? 1_000 : 100;
	return Math.round(value / step) * step;
}
