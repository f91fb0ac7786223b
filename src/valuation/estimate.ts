import { daysBetween } from "../lib/days.ts";
import { effectiveCount, totalWeight, type Weighted, weightedQuantile } from "./weighted.ts";

/** What the arithmetic needs to know of the subject property. */
export interface Valued {
	sizeSqm: number;
	rooms: number | null;
	developmentStatus: "Ready" | "Off-Plan" | null;
	projectId: number | null;
	/** YYYY-MM-DD */
	asOf: string;
}

/** What it needs to know of a comparable sale: registered before `asOf`. */
export interface Evidence {
	price: number;
	sizeSqm: number;
	rooms: number | null;
	developmentStatus: "Ready" | "Off-Plan";
	projectId: number | null;
	registeredOn: string;
}

export type SearchScope = "project" | "area";

export interface Comparable<E extends Evidence> {
	readonly sale: E;
	readonly perSqm: number;
	/** Share of the whole weight, 0..1. */
	readonly weight: number;
}

export interface Estimate<E extends Evidence> {
	readonly scope: SearchScope;
	/** AED per square metre: the weighted median of the comparables. */
	readonly perSqm: number;
	/** The weighted 10th and 90th percentiles of the comparables, AED per square metre. */
	readonly range: { low: number; high: number };
	/** 0..100, see `confidence`. */
	readonly confidence: number;
	/** By weight, heaviest first. */
	readonly comparables: readonly Comparable<E>[];
	/** As many equally good comparables would say as much. */
	readonly effectiveCount: number;
}

/** Why there is no estimate. */
export interface TooLittle {
	readonly found: number;
	readonly effectiveCount: number;
}

/** Days after which a sale counts half. */
const HALF_LIFE_DAYS = 28;
/** Difference in ln(size) at which a sale counts half: units of one project come in few sizes, an area's in many. */
const SIZE_BANDWIDTH = { project: 0.03, area: 0.1 };
/** What a sale counts that differs from the subject in one respect. */
const MISMATCH = { rooms: 0.3, roomsUnknown: 0.6, developmentStatus: 0.2, project: 0.05 };
/** Fewer than this, and there is no estimate. */
export const MINIMUM = { comparables: 5, effectiveCount: 2.5 };
/** A comparable agrees with the estimate when it lies within this share of it. */
const AGREEMENT = 0.1;

/** Values the subject by what comparable sales fetched per square metre; the project's own ones if they suffice. */
export function estimate<E extends Evidence>(subject: Valued, sales: readonly E[]): Estimate<E> | TooLittle {
	const ofProject = sales.filter(
		(sale) => subject.projectId !== null && sale.projectId === subject.projectId,
	);
	const narrow = weigh(subject, ofProject, "project");
	if (suffices(narrow)) return reconcile(narrow, "project");
	const wide = weigh(subject, sales, "area");
	if (suffices(wide)) return reconcile(wide, "area");
	return { found: sales.length, effectiveCount: effectiveCount(wide) };
}

type Weighed<E extends Evidence> = Weighted & { sale: E };

function weigh<E extends Evidence>(subject: Valued, sales: readonly E[], scope: SearchScope): Weighed<E>[] {
	return sales.map((sale) => ({
		sale,
		value: sale.price / sale.sizeSqm,
		weight: nearness(subject, sale, scope),
	}));
}

function nearness(subject: Valued, sale: Evidence, scope: SearchScope): number {
	const size = Math.log(sale.sizeSqm / subject.sizeSqm) / SIZE_BANDWIDTH[scope];
	// Falls off as a power, not as a bell: a distant sale counts little but never nothing.
	let weight = 1 / (1 + size * size) ** 2;
	weight *= 0.5 ** (daysBetween(sale.registeredOn, subject.asOf) / HALF_LIFE_DAYS);
	if (subject.rooms !== null && sale.rooms !== subject.rooms) {
		weight *= sale.rooms === null ? MISMATCH.roomsUnknown : MISMATCH.rooms;
	}
	if (subject.developmentStatus !== null && sale.developmentStatus !== subject.developmentStatus) {
		weight *= MISMATCH.developmentStatus;
	}
	if (scope === "area" && subject.projectId !== null && sale.projectId !== subject.projectId) {
		weight *= MISMATCH.project;
	}
	return weight;
}

function suffices(items: readonly Weighted[]): boolean {
	return items.length >= MINIMUM.comparables && effectiveCount(items) >= MINIMUM.effectiveCount;
}

function reconcile<E extends Evidence>(items: readonly Weighed<E>[], scope: SearchScope): Estimate<E> {
	const perSqm = weightedQuantile(items, 0.5);
	const total = totalWeight(items);
	return {
		scope,
		perSqm,
		range: { low: weightedQuantile(items, 0.1), high: weightedQuantile(items, 0.9) },
		confidence: confidence(items, perSqm),
		comparables: items
			.map(({ sale, value, weight }) => ({ sale, perSqm: value, weight: weight / total }))
			.sort((left, right) => right.weight - left.weight),
		effectiveCount: effectiveCount(items),
	};
}

/**
 * The weighted share of comparables that lie within 10 % of the estimate, in percent, as if one more comparable had
 * disagreed: a handful that happen to agree never look like certainty.
 */
function confidence(items: readonly Weighted[], perSqm: number): number {
	const agreeing = items.filter(({ value }) => Math.abs(value / perSqm - 1) <= AGREEMENT);
	const count = effectiveCount(items);
	return Math.round((100 * (totalWeight(agreeing) / totalWeight(items)) * count) / (count + 1));
}
