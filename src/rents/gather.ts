import type { Database } from "../../db/client.ts";
import { latestRents, type RentRow } from "../../db/queries/rents.ts";
import { wantedRents } from "./reach.ts";
import type { RentSubject } from "./subject.ts";

/** Subjects in one query at the most: none keeps the database busy for long. */
const AT_ONCE = 250;

/** Reads the contracts that speak for each subject, at most a hundred of each; of one subject or of many the same way. */
export async function gatherRents(db: Database, subjects: readonly RentSubject[]): Promise<RentRow[][]> {
	const gathered: RentRow[][] = [];
	for (let from = 0; from < subjects.length; from += AT_ONCE) {
		gathered.push(...(await latestRents(db, subjects.slice(from, from + AT_ONCE).map(wantedRents))));
	}
	return gathered;
}
