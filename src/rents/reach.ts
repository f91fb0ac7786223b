import type { WantedRents } from "../../db/queries/rents.ts";
import type { RentSubject } from "./subject.ts";

/** How far back contracts are looked for: by then they count next to nothing. */
const DAYS = 365;
/** How far their size may be off, in ln(size), and how many of the latest are read. Together these bound what a rent costs. */
const PROJECT = { within: 0.3, most: 40 };
const AREA = { within: 0.2, most: 40 };
const SAME_SIZE = { most: 20 };

/** The contracts that are to be read for a subject, from the database or from the memory of a replay alike. */
export function wantedRents({ propertyType, areaIds, projectIds, sizeSqm, day }: RentSubject): WantedRents {
	return {
		propertyType,
		areaIds,
		projectIds,
		from: day - DAYS,
		before: day,
		ofProject: { ...sizes(sizeSqm, PROJECT.within), most: PROJECT.most },
		ofArea: { ...sizes(sizeSqm, AREA.within), most: AREA.most },
		ofSize: { sizeSqm: hundredths(sizeSqm), most: SAME_SIZE.most },
	};
}

/** In whole hundredths, as the register has them: no rounding can put a contract on either side of a bound. */
function sizes(sizeSqm: number, within: number) {
	return { low: hundredths(sizeSqm * Math.exp(-within)), high: hundredths(sizeSqm * Math.exp(within)) };
}

export function hundredths(value: number): number {
	return Math.round(value * 100) / 100;
}
