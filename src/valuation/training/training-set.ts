import { RateLearner, type Rates, type RatesBySegment } from "../adjust.ts";
import { errorBySpread } from "../estimate.ts";
import { describeFeatures } from "../features.ts";
import { History, type TypedSale } from "../history.ts";
import { type Indications, indicate, withoutProject } from "../indicate.ts";
import { pickComparables } from "../pick.ts";
import { isLearned, type Segment, segmentOf } from "../segment.ts";
import type { Support } from "../support.ts";

/** Sales within these bounds are learned from: outside of them most prices are not what the home was worth. AED, square metres. */
const PLAUSIBLE = { price: 100_000, sizeSqm: 15, rooms: 10 };
/** Days at the beginning from which nothing is learned: hardly anything is known before them. */
const WARM_UP_DAYS = 30;

/** One past sale, valued by its comparables with what was known before its day. */
export interface Example {
	readonly day: number;
	readonly segment: Segment;
	readonly support: Support;
	/** ln(price / indicated value) */
	readonly departure: number;
	/** What error the spread of the comparables alone lets expect. */
	readonly errorBySpread: number;
	/** Empty for types that are not learned. */
	readonly row: Float64Array;
}

export interface TrainingSet {
	/** Those with sales of their own project. */
	readonly project: Example[];
	/** All of them as if no project had been named, and those of new projects. */
	readonly area: Example[];
	/** As of the last day. */
	readonly rates: RatesBySegment;
}

/** Goes through the sales day by day, so that no example knows what came after it. */
export function trainingSet(sales: readonly TypedSale[]): TrainingSet {
	const history = new History();
	const learner = new RateLearner();
	const set = { project: [] as Example[], area: [] as Example[] };
	const first = sales[0]?.day ?? 0;
	for (const today of byDay(sales)) {
		const rates = learner.rates();
		const learned = today.filter(isPlausible).map((sale) => {
			const { project, area } = pickComparables(sale, history.of(sale));
			if (sale.day >= first + WARM_UP_DAYS) {
				const ofSegment = rates[segmentOf(sale)];
				const indications = indicate(sale, { project, area }, ofSegment);
				const withoutIt = project.length > 0 ? withoutProject(indications, sale, ofSegment) : indications;
				if (project.length > 0) addExample(set.project, sale, indications, ofSegment, "project");
				const isNew = sale.projectId !== null && project.length === 0;
				addExample(set.area, sale, withoutIt, ofSegment, isNew ? "new-project" : "area");
			}
			return { sale, project };
		});
		for (const { sale, project } of learned) learner.learn(sale, project);
		for (const sale of today) history.add(sale);
	}
	return { ...set, rates: learner.rates() };
}

function addExample(
	examples: Example[],
	sale: TypedSale,
	indications: Indications,
	rates: Rates,
	support: Support,
): void {
	const { best } = indications;
	if (!best) return;
	examples.push({
		day: sale.day,
		segment: segmentOf(sale),
		support,
		departure: sale.logPerSqm - best.level,
		errorBySpread: errorBySpread(best),
		row: isLearned(sale.propertyType) ? describeFeatures(sale, indications, rates).row : new Float64Array(0),
	});
}

/** @param sales ascending by day */
export function* byDay<S extends { readonly day: number }>(sales: readonly S[]): Generator<S[]> {
	let from = 0;
	for (let at = 1; at <= sales.length; at += 1) {
		if (sales[at]?.day === sales[from]?.day) continue;
		yield sales.slice(from, at);
		from = at;
	}
}

function isPlausible(sale: TypedSale): boolean {
	if (sale.price < PLAUSIBLE.price || sale.sizeSqm < PLAUSIBLE.sizeSqm) return false;
	return !isLearned(sale.propertyType) || (sale.rooms !== null && sale.rooms <= PLAUSIBLE.rooms);
}
