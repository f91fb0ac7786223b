import type { DirectoryRows } from "../../db/queries/directory.ts";
import type { Keeper } from "../lib/keeper.ts";
import { nameKey } from "../lib/name-key.ts";

export interface Place {
	readonly id: number;
	/** The canonical spelling. */
	readonly name: string;
	/** Areas whose sales speak for this place. */
	readonly salesAreaIds: readonly number[];
	/** Areas whose rental contracts speak for this place. */
	readonly rentalAreaIds: readonly number[];
}

export interface Project {
	readonly id: number;
	readonly name: string;
}

/** All names of the market as of one moment: what a request says is looked up here, not in the database. */
export interface Directory {
	/** By canonical name, alias or nickname, however it is spelt; undefined when there is no such place. */
	area(name: string): Place | undefined;
	/** A project of that place. */
	project(place: Place, name: string): Project | undefined;
	/** Under which numbers contracts of that project are registered: rentals name it under areas of their own. */
	rentalProjectIds(place: Place, name: string): number[];
	/** The spelling under which sales of that type are registered; undefined when there are none. */
	propertyType(name: string): string | undefined;
	readonly propertyTypes: readonly string[];
	/** Up to five known names that look like this one. */
	similarAreas(name: string): string[];
	/** The spelling of an area's or a project's name; undefined for a number that stands for none. */
	areaName(id: number): string | undefined;
	projectName(id: number): string | undefined;
	/** Of the data, as of which all of this is: rises with every change of the market. */
	readonly version: number;
	/** The day of the last sale that is registered, YYYY-MM-DD; null without any. */
	readonly dataThrough: string | null;
	readonly sample: boolean;
}

export type DirectoryKeeper = Keeper<Directory>;

export function buildDirectory(rows: DirectoryRows): Directory {
	const linkedRentals = groupIds(rows.links, "salesAreaId", "rentalAreaId");
	const linkedSales = groupIds(rows.links, "rentalAreaId", "salesAreaId");
	const places = new Map<string, Place>();
	for (const area of rows.areas) {
		const place: Place = {
			id: area.id,
			name: area.name,
			// A place that is only ever let under this name is sold under the names of the communities inside it.
			salesAreaIds: area.sold ? [area.id] : [area.id, ...(linkedSales.get(area.id) ?? [])],
			rentalAreaIds: [area.id, ...(linkedRentals.get(area.id) ?? [])],
		};
		for (const alias of area.aliases) if (!places.has(alias)) places.set(alias, place);
		places.set(area.key, place);
	}
	const projects = new Map(
		rows.projects.map(({ id, areaId, key, name }) => [`${areaId}\n${key}`, { id, name }]),
	);
	const areaNames = new Map(rows.areas.map(({ id, name }) => [id, name]));
	const projectNames = new Map(rows.projects.map(({ id, name }) => [id, name]));
	const types = new Map(rows.saleTypes.map((type) => [nameKey(type), type]));
	const names = rows.areas.filter((area) => area.sold).map((area) => area.name);

	return {
		area: (name) => places.get(nameKey(name)),
		project(place, name) {
			const key = nameKey(name);
			for (const areaId of place.salesAreaIds) {
				const project = projects.get(`${areaId}\n${key}`);
				if (project) return project;
			}
			return undefined;
		},
		rentalProjectIds(place, name) {
			const key = nameKey(name);
			return place.rentalAreaIds.flatMap((areaId) => projects.get(`${areaId}\n${key}`)?.id ?? []);
		},
		propertyType: (name) => types.get(nameKey(name)),
		propertyTypes: [...types.values()].sort(),
		similarAreas: (name) => similar(nameKey(name), names),
		areaName: (id) => areaNames.get(id),
		projectName: (id) => projectNames.get(id),
		dataThrough: rows.dataThrough ?? null,
		version: rows.version,
		sample: rows.sample,
	};
}

function groupIds<K extends string, V extends string>(
	rows: readonly Record<K | V, number>[],
	by: K,
	value: V,
) {
	const groups = new Map<number, number[]>();
	for (const row of rows) groups.set(row[by], [...(groups.get(row[by]) ?? []), row[value]]);
	return groups;
}

/** Names that share words with what was asked for, the longest shared words first. */
function similar(key: string, names: readonly string[]): string[] {
	const words = key.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 2);
	return names
		.map((name) => {
			const folded = nameKey(name);
			return { name, score: words.reduce((sum, word) => sum + (folded.includes(word) ? word.length : 0), 0) };
		})
		.filter(({ score }) => score > 0)
		.sort((left, right) => right.score - left.score || left.name.localeCompare(right.name))
		.slice(0, 5)
		.map(({ name }) => name);
}
