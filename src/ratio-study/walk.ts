import { History } from "./history.ts";
import { isInPopulation, isInUnboundedPopulation } from "./population.ts";
import { type Sale, type Subject, subjectOf } from "./sale.ts";
import { type Answer, ask, type Floor, type Valuer } from "./valuer.ts";

export interface Walk {
	/** Arm's-length sales in any order: those of the test period, all before, and of all types. */
	readonly sales: readonly Sale[];
	/** The test period, in days since 1970-01-01, both included. Without an end it goes as far as the sales. */
	readonly testFrom: number;
	readonly testTo?: number;
	readonly valuer: Valuer;
	readonly floors: readonly Floor[];
}

/** What the valuer and the floors made of one subject. */
export interface Outcome {
	readonly answer: Answer | null;
	/** By the floors' order, AED. */
	readonly floors: readonly (number | null)[];
}

export interface TestedSale {
	readonly sale: Sale;
	/** Of the bounded population, that is; else only of the unbounded one. */
	readonly isBounded: boolean;
	/** The register names a project in which no home had been sold before that day. */
	readonly isUnseenProject: boolean;
	/** Valued with the project, where the register names one. */
	readonly described: Outcome;
	/** Valued once more with the project kept back; the bounded only. */
	readonly withoutProject: Outcome | null;
}

/**
 * Values each sale of the test period by what was registered before its day. Day by day: first all the day's subjects are
 * valued, and only then do its sales become history. No valuer is handed anything else.
 */
export function walkForward({ sales, testFrom, testTo, valuer, floors }: Walk): TestedSale[] {
	const last = testTo ?? Number.POSITIVE_INFINITY;
	const history = new History([valuer, ...floors]);
	const tested: TestedSale[] = [];

	function outcome(subject: Subject): Outcome {
		return {
			answer: ask(valuer, subject),
			floors: floors.map((floor) => ask(floor, subject)?.estimate ?? null),
		};
	}

	function test(sale: Sale): TestedSale {
		const subject = subjectOf(sale);
		const isBounded = isInPopulation(sale);
		return {
			sale,
			isBounded,
			isUnseenProject: sale.projectId !== null && !history.hasProject(sale.projectId),
			described: outcome(subject),
			withoutProject: isBounded ? outcome({ ...subject, projectId: null }) : null,
		};
	}

	for (const [day, ofDay] of byDay(sales)) {
		if (day > last) break;
		if (day >= testFrom) for (const sale of ofDay) if (isInUnboundedPopulation(sale)) tested.push(test(sale));
		history.add(ofDay);
	}
	return tested;
}

/** The days in order; within one by id, so that the same sales give the same study in whatever order they come. */
function byDay(sales: readonly Sale[]): Map<number, Sale[]> {
	const days = new Map<number, Sale[]>();
	for (const sale of sales.toSorted((left, right) => left.day - right.day || left.id - right.id)) {
		const ofDay = days.get(sale.day);
		if (ofDay) ofDay.push(sale);
		else days.set(sale.day, [sale]);
	}
	return days;
}
