import type { RentEstimate } from "../rents/estimate.ts";
import { roundMoney, share } from "./rounding.ts";

/** From this factor between its ends on, a range says nothing. */
const USELESS_RANGE = 4;

/** What the home would let for. AED a year; null with too few contracts. */
export function describeRent(rent: RentEstimate | null, value: number) {
	if (!rent) return null;
	const annual = roundMoney(rent.annual);
	const { range } = rent;
	return {
		estimated_annual_rent: annual,
		rent_per_sqm: Math.round(rent.perSqm),
		rent_range:
			range && range.high / range.low <= USELESS_RANGE
				? {
						low: Math.min(annual, roundMoney(range.low)),
						high: Math.max(annual, roundMoney(range.high)),
						target_coverage: range.targetCoverage,
						measured_coverage: share(range.measuredCoverage),
						n: range.n,
					}
				: null,
		/** A year's rent as a share of the value, before any cost. */
		gross_yield: share(annual / value),
		new_contracts: rent.contracts,
		search_scope: rent.scope,
	};
}
