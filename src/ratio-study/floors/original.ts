import { medianInPlace } from "../median.ts";
import { isInUnboundedPopulation } from "../population.ts";
import type { Subject } from "../sale.ts";
import type { Floor } from "../valuer.ts";

/** A factor that the earlier system multiplied onto its value by hand. */
export interface Premium {
	readonly name: string;
	readonly factor: number;
	appliesTo(subject: Subject): boolean;
}

/** How far a comparable's size may be from the subject's, as a share of it. */
const SIZE_WITHIN = 0.3;
/** What the median total price counts; the median AED/m2 times the size counts the rest. */
const TOTAL_PRICE_SHARE = 0.7;

const RULE =
	"sales of the type in the area within 30 % of the size: 0.7 x median price + 0.3 x median AED/m2 x size";

interface Comparables {
	readonly prices: number[];
	readonly sizes: number[];
}

/**
 * The rule of the Flask system that this one replaces. What its premiums were is not recorded in this project, so there is
 * no table of them here: who studies the rule with its premiums brings them along.
 */
export function originalRule(premiums: readonly Premium[] = []): Floor {
	const places = new Map<string, Comparables>();
	// One size is sold many times a day in a new building, and the rule knows nothing else of a subject.
	const today = new Map<string, number | null>();

	function base(subject: Subject): number | null {
		const place = placeOf(subject);
		const key = `${place}|${subject.sizeSqm}`;
		let value = today.get(key);
		if (value === undefined) {
			value = reconcile(places.get(place), subject.sizeSqm);
			today.set(key, value);
		}
		return value;
	}

	return {
		name: premiums.length === 0 ? "original-without-premiums" : "original",
		definition: [RULE, ...premiums.map(({ name, factor }) => `x ${factor} for ${name}`)].join("; "),
		value(subject) {
			const value = base(subject);
			if (value === null) return null;
			return premiums.reduce((sum, one) => (one.appliesTo(subject) ? sum * one.factor : sum), value);
		},
		learn(sales) {
			today.clear();
			for (const sale of sales) {
				if (!isInUnboundedPopulation(sale)) continue;
				const key = placeOf(sale);
				const place = places.get(key) ?? { prices: [], sizes: [] };
				places.set(key, place);
				place.prices.push(sale.price);
				place.sizes.push(sale.sizeSqm);
			}
		},
	};
}

function placeOf({ propertyType, areaId }: Pick<Subject, "propertyType" | "areaId">): string {
	return `${propertyType}|${areaId}`;
}

function reconcile(place: Comparables | undefined, sizeSqm: number): number | null {
	if (!place) return null;
	const { prices, sizes } = place;
	const totals = new Float64Array(sizes.length);
	const perSqms = new Float64Array(sizes.length);
	let count = 0;
	for (let at = 0; at < sizes.length; at += 1) {
		const size = sizes[at] as number;
		if (Math.abs(size - sizeSqm) > SIZE_WITHIN * sizeSqm) continue;
		totals[count] = prices[at] as number;
		perSqms[count] = (prices[at] as number) / size;
		count += 1;
	}
	if (count === 0) return null;
	const total = medianInPlace(totals.subarray(0, count));
	const perSqm = medianInPlace(perSqms.subarray(0, count));
	return TOTAL_PRICE_SHARE * total + (1 - TOTAL_PRICE_SHARE) * perSqm * sizeSqm;
}
