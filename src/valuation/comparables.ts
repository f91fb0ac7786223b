import type { Directory } from "../areas/directory.ts";
import type { Label } from "../http/label.ts";
import { dayOfNumber } from "../lib/days.ts";
import { adjustments, NO_RATES } from "./adjust.ts";
import { roomsName, roundMoney, share } from "./rounding.ts";
import type { Sale } from "./sale.ts";
import type { ValuedSubject } from "./valued-subject.ts";

const SHOWN = 10;
/** Beneath this share of the weight a sale is not said to have been used. */
const USED = 0.001;

/** The sales that the indicated value is the weighted median of, heaviest first. */
export function describeComparables(
	{ subject, estimate, model }: ValuedSubject,
	directory: Directory,
	label: Label,
) {
	const { indication } = estimate;
	const rates = model?.rates[estimate.segment] ?? NO_RATES;
	const weighed = indication.sales
		.map((sale, index) => ({ sale, similarity: indication.weights[index] as number }))
		.filter(({ similarity }) => similarity >= USED * indication.total)
		.sort((left, right) => right.similarity - left.similarity);
	const describe = (sale: Sale) => {
		const { size, time } = adjustments(sale, estimate.subject, rates);
		const perSqm = Math.exp(sale.logPerSqm + size + time);
		return {
			project: sale.projectId === null ? null : (directory.projectName(sale.projectId) ?? null),
			area: directory.areaName(sale.areaId) ?? null,
			registered_on: dayOfNumber(sale.day),
			price: sale.price,
			size_sqm: sale.sizeSqm,
			price_per_sqm: Math.round(sale.price / sale.sizeSqm),
			bedrooms: roomsName(sale.rooms),
			development_status: sale.ready ? "Ready" : "Off-Plan",
			/** Factors of the price per square metre, to the subject's size and day. */
			adjustments: [
				{ for: "size", factor: share(Math.exp(size)) },
				{ for: "time", factor: share(Math.exp(time)) },
			],
			indicated_value: roundMoney(perSqm * subject.sizeSqm),
		};
	};
	return {
		comparables: weighed.slice(0, SHOWN).map(({ sale, similarity }) => ({
			...label,
			...describe(sale),
			/** 1 for a home of the same size, rooms and status that was sold on the day. */
			similarity: share(similarity),
			/** Share of the whole weight. */
			weight: share(similarity / indication.total),
		})),
		used: weighed.length,
		effective: Math.round(indication.effective * 10) / 10,
	};
}
