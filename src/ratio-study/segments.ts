import type { Sale } from "./sale.ts";
import type { Outcome, TestedSale } from "./walk.ts";

/** One sale in a segment: its price, AED, and one of the two outcomes that the walk had for it. */
export interface Case {
	readonly price: number;
	readonly outcome: Outcome;
}

export interface Segment {
	readonly name: string;
	readonly cases: readonly Case[];
}

/** Sorted by how many sales each has, so many areas are segments of their own. */
export const LARGEST_AREAS = 30;

const GROUPS = (["Flat", "Villa"] as const).flatMap((propertyType) =>
	(["Ready", "Off-Plan"] as const).map((developmentStatus) => ({
		name: `${propertyType}-${developmentStatus}`.toLowerCase(),
		has: ({ sale }: TestedSale) =>
			sale.propertyType === propertyType && sale.developmentStatus === developmentStatus,
	})),
);

/** The first table's segments, each in its place also when it is empty. Sales outside of the population are left out. */
export function boundedSegments(all: readonly TestedSale[]): Segment[] {
	const tested = all.filter(({ isBounded }) => isBounded);
	return [
		...allAndGroups(tested),
		described(
			"project-known",
			tested.filter(({ sale }) => sale.projectId !== null),
		),
		described(
			"area-only",
			tested.filter(({ sale }) => sale.projectId === null),
		),
		withoutProject("project-unknown", tested),
		...GROUPS.map(({ name, has }) => withoutProject(`project-unknown-${name}`, tested.filter(has))),
		described(
			"unseen-project",
			tested.filter(({ isUnseenProject }) => isUnseenProject),
		),
		...priceFifths(tested),
		...largestAreas(tested),
	];
}

/** The second table's: homes of whatever price, size and rooms. */
export function unboundedSegments(all: readonly TestedSale[]): Segment[] {
	return allAndGroups(all);
}

function allAndGroups(tested: readonly TestedSale[]): Segment[] {
	return [described("all", tested), ...GROUPS.map(({ name, has }) => described(name, tested.filter(has)))];
}

function described(name: string, tested: readonly TestedSale[]): Segment {
	return { name, cases: tested.map((one) => ({ price: one.sale.price, outcome: one.described })) };
}

function withoutProject(name: string, tested: readonly TestedSale[]): Segment {
	const cases = tested.flatMap((one) =>
		one.withoutProject ? [{ price: one.sale.price, outcome: one.withoutProject }] : [],
	);
	return { name, cases };
}

/**
 * Where each of the upper four fifths of the prices begins, AED. Homes of one price are never divided, so that fifths
 * need not be of one size.
 */
export function fifthsOf(prices: readonly number[]): number[] {
	const sorted = Float64Array.from(prices).sort();
	return [1, 2, 3, 4].flatMap((fifth) => sorted[Math.floor((fifth * sorted.length) / 5)] ?? []);
}

function priceFifths(tested: readonly TestedSale[]): Segment[] {
	const starts = fifthsOf(tested.map(({ sale }) => sale.price));
	const fifthOf = ({ price }: Sale) => starts.filter((start) => price >= start).length;
	return [0, 1, 2, 3, 4].map((fifth) =>
		described(
			`price-${fifth + 1}`,
			tested.filter(({ sale }) => fifthOf(sale) === fifth),
		),
	);
}

function largestAreas(tested: readonly TestedSale[]): Segment[] {
	const areas = new Map<number, TestedSale[]>();
	for (const one of tested) {
		const ofArea = areas.get(one.sale.areaId);
		if (ofArea) ofArea.push(one);
		else areas.set(one.sale.areaId, [one]);
	}
	return [...areas.values()]
		.sort((left, right) => right.length - left.length || compare(nameOf(left), nameOf(right)))
		.slice(0, LARGEST_AREAS)
		.map((ofArea) => described(`area:${nameOf(ofArea)}`, ofArea));
}

function nameOf(ofArea: readonly TestedSale[]): string {
	return ofArea[0]?.sale.area ?? "";
}

/** By code unit: the order of a report must not hang on the machine's language. */
function compare(left: string, right: string): number {
	return left < right ? -1 : left > right ? 1 : 0;
}
