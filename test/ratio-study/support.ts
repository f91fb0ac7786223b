import { createRandom } from "../../src/lib/random.ts";
import { standardFloors } from "../../src/ratio-study/floors/index.ts";
import type { Sale, Subject } from "../../src/ratio-study/sale.ts";
import type { Answer, Valuer } from "../../src/ratio-study/valuer.ts";
import type { TestedSale } from "../../src/ratio-study/walk.ts";

/** 2026-07-01 */
export const JULY = 20_635;

const HOME: Sale = {
	id: 0,
	day: JULY,
	procedure: "Sale",
	propertyType: "Flat",
	areaId: 1,
	area: "Al Safa",
	projectId: 7,
	project: "Palm Court",
	rooms: 1,
	developmentStatus: "Ready",
	price: 1_000_000,
	sizeSqm: 100,
};

/** A flat of 100 m2 for a million, but for what is said. */
export function sale(change: Partial<Sale> = {}): Sale {
	return { ...HOME, ...change };
}

export function subject(change: Partial<Subject> = {}): Subject {
	const { day, propertyType, areaId, projectId, rooms, developmentStatus, sizeSqm } = HOME;
	return { day, propertyType, areaId, projectId, rooms, developmentStatus, sizeSqm, ...change };
}

/** A made-up market: so many sales a day, in a few areas and projects, for about 10,000 AED/m2. */
export function market(days: number, perDay: number, seed = 1): Sale[] {
	const random = createRandom(seed);
	return Array.from({ length: days * perDay }, (_, id) => {
		const areaId = random.integer(1, 3);
		const projectId = random.chance(0.8) ? 10 * areaId + random.integer(0, 4) : null;
		const sizeSqm = random.between(40, 200);
		return sale({
			id,
			day: JULY + Math.floor(id / perDay),
			propertyType: random.chance(0.7) ? "Flat" : "Villa",
			areaId,
			area: `Area ${areaId}`,
			projectId,
			project: projectId === null ? null : `Project ${projectId}`,
			rooms: random.integer(0, 4),
			developmentStatus: random.chance(0.5) ? "Ready" : "Off-Plan",
			price: Math.round(sizeSqm * 10_000 * random.between(0.7, 1.3)),
			sizeSqm,
		});
	});
}

/** Uses everything that it has learnt: the mean of all prices per m2, the nearer in size and day the heavier. */
export function nearest(): Valuer {
	const known: Sale[] = [];
	return {
		name: "nearest",
		value({ day, sizeSqm, projectId }) {
			let total = 0;
			let sum = 0;
			for (const one of known) {
				const weight =
					(one.projectId === projectId ? 3 : 1) / (1 + Math.abs(one.sizeSqm - sizeSqm) + (day - one.day));
				total += weight;
				sum += (weight * one.price) / one.sizeSqm;
			}
			if (total === 0) return null;
			const estimate = (sum / total) * sizeSqm;
			return { estimate, low: 0.9 * estimate, high: 1.1 * estimate };
		},
		learn(sales) {
			known.push(...sales);
		},
	};
}

/** Says the same of everything. */
export function constant(value: ReturnType<Valuer["value"]>): Valuer {
	return { name: "constant", value: () => value, learn: () => {} };
}

/** The floors with a premium, so that all four are there. */
export function floors() {
	return standardFloors([
		{ name: "a known project", factor: 1.5, appliesTo: (one) => one.projectId !== null },
	]);
}

export function tested(change: Partial<Sale> = {}, more: Partial<TestedSale> = {}): TestedSale {
	return {
		sale: sale(change),
		isBounded: true,
		isUnseenProject: false,
		described: { answer: answer(1), floors: [] },
		withoutProject: { answer: answer(2), floors: [] },
		...more,
	};
}

export function answer(estimate: number): Answer {
	return { estimate, low: null, high: null };
}
