import type { Database } from "../../db/client.ts";
import { latestSalesOfAreas, latestSalesOfProjects, type Wanted } from "../../db/queries/evidence.ts";
import { type MarketMonth, marketMonths } from "../../db/queries/market-months.ts";
import type { RentRow } from "../../db/queries/rents.ts";
import { dayNumber, daysBefore } from "../lib/days.ts";
import { gatherRents } from "../rents/gather.ts";
import type { RentSubject } from "../rents/subject.ts";
import { type KnownSales, REACH } from "./pick.ts";
import { type Sale, saleOf } from "./sale.ts";
import type { Subject } from "./subject.ts";

/** All that was read for one valuation. */
export interface Gathered {
	readonly sales: KnownSales;
	/** New rental contracts. */
	readonly rents: readonly RentRow[];
	/** The last two whole months before the valuation's. */
	readonly months: { readonly last: MarketMonth | undefined; readonly before: MarketMonth | undefined };
}

/**
 * Reads what is known of each subject's market up to the day before its valuation. What subjects have in common is read
 * once: a thousand of them take a handful of queries.
 */
export async function gather(db: Database, subjects: readonly Subject[]): Promise<Gathered[]> {
	const areas = new Distinct(subjects.flatMap((one) => one.place.salesAreaIds.map((id) => wanted(one, id))));
	const projects = new Distinct(
		subjects.flatMap((one) => (one.project ? [wanted(one, one.project.id)] : [])),
	);
	const months = subjects.map(({ asOf }) => lastMonths(asOf));
	const [ofAreas, ofProjects, rents, figures] = await Promise.all([
		latestSalesOfAreas(db, areas.list, REACH.area).then((lists) => lists.map(toSales)),
		latestSalesOfProjects(db, projects.list, REACH.project).then((lists) => lists.map(toSales)),
		gatherRents(db, subjects.map(rentSubject)),
		marketMonths(
			db,
			subjects.map(({ place, propertyType }, index) => ({
				areaIds: place.salesAreaIds,
				propertyType,
				months: months[index] as [string, string],
			})),
		),
	]);
	return subjects.map((one, index) => ({
		sales: {
			project: one.project ? (ofProjects[projects.at(wanted(one, one.project.id))] ?? []) : [],
			area: merged(one.place.salesAreaIds.map((id) => ofAreas[areas.at(wanted(one, id))] ?? [])),
		},
		rents: rents[index] ?? [],
		months: figures[index] ?? { last: undefined, before: undefined },
	}));
}

export function rentSubject(subject: Subject): RentSubject {
	const { propertyType, place, project, unknownProject, rentalProjectIds, sizeSqm, rooms, asOf } = subject;
	return {
		propertyType,
		areaIds: place.rentalAreaIds,
		projectIds: rentalProjectIds,
		namesProject: project !== null || unknownProject !== null,
		sizeSqm,
		rooms,
		day: dayNumber(asOf),
	};
}

function wanted({ propertyType, asOf }: Subject, id: number): Wanted {
	return { id, propertyType, from: daysBefore(asOf, REACH.days), before: asOf };
}

class Distinct {
	readonly list: Wanted[] = [];
	private readonly places = new Map<string, number>();

	constructor(all: readonly Wanted[]) {
		for (const one of all) {
			const key = keyOf(one);
			if (this.places.has(key)) continue;
			this.places.set(key, this.list.length);
			this.list.push(one);
		}
	}

	at(one: Wanted): number {
		return this.places.get(keyOf(one)) ?? -1;
	}
}

function keyOf({ id, propertyType, before }: Wanted): string {
	return `${id} ${before} ${propertyType}`;
}

function toSales(rows: readonly Omit<Sale, "logSize" | "logPerSqm">[]): Sale[] {
	return rows.map(saleOf);
}

/** A place that is sold under several names has the latest sales of them all. */
function merged(lists: readonly (readonly Sale[])[]): readonly Sale[] {
	const [first = [], ...others] = lists;
	if (others.length === 0) return first;
	return lists
		.flat()
		.sort((left, right) => left.day - right.day || left.id - right.id)
		.slice(-REACH.area);
}

/** The first days of the last two whole months before the day, the later one first. */
function lastMonths(asOf: string): [string, string] {
	const [year = 0, month = 1] = asOf.split("-").map(Number);
	const first = (back: number) => new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 10);
	return [first(1), first(2)];
}
