import { isInUnboundedPopulation } from "../population.ts";
import type { Sale, Subject } from "../sale.ts";
import type { Floor } from "../valuer.ts";
import { GroupedMedians } from "./grouped-medians.ts";

/** What sales and subjects have in common. */
type Described = Pick<Sale, "propertyType" | "areaId" | "projectId" | "rooms">;

export function areaRooms(): Floor {
	return perSqm(
		"area-rooms",
		"median AED/m2 of all earlier sales of the type with as many rooms in the area, times the size; " +
			"else of the type in the area",
		byArea,
	);
}

export function projectRooms(): Floor {
	return perSqm(
		"project-rooms",
		"median AED/m2 of all earlier sales of the type with as many rooms in the project, times the size; " +
			"else of the type in the project; else as area-rooms",
		(described) => [...byProject(described), ...byArea(described)],
	);
}

function byArea({ propertyType, areaId, rooms }: Described): string[] {
	return narrowFirst(`${propertyType}|area ${areaId}`, rooms);
}

function byProject({ propertyType, projectId, rooms }: Described): string[] {
	return projectId === null ? [] : narrowFirst(`${propertyType}|project ${projectId}`, rooms);
}

/** Of unknown rooms it cannot be said that they are as many. */
function narrowFirst(place: string, rooms: number | null): string[] {
	return rooms === null ? [place] : [`${place}|${rooms}`, place];
}

/** @param groups the groups that a sale belongs to, and those that a subject is valued by: the first that has sales */
function perSqm(name: string, definition: string, groups: (described: Described) => string[]): Floor {
	const medians = new GroupedMedians();
	return {
		name,
		definition,
		value(subject: Subject) {
			for (const group of groups(subject)) {
				const median = medians.of(group);
				if (median !== null) return median * subject.sizeSqm;
			}
			return null;
		},
		learn(sales) {
			for (const sale of sales) {
				if (!isInUnboundedPopulation(sale)) continue;
				for (const group of groups(sale)) medians.add(group, sale.price / sale.sizeSqm);
			}
		},
	};
}
