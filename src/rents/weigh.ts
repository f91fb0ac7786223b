import type { RentRow } from "../../db/queries/rents.ts";
import { hundredths } from "./reach.ts";
import type { RentSubject } from "./subject.ts";

/** Difference in ln(size) at which a contract counts half. */
const SIZE = 0.05;
/** Days after the start of a contract at which it counts half: rents of a project follow the market faster than it is seen in an area. */
const HALF_LIFE = { project: 15, area: 25 };
/** How many times more one of the very size counts in an area: most often it is the same building. */
const SAME_SIZE = 20;
/** What one with another number of rooms counts, and one of which the register does not say them. */
const ROOMS = { other: 0.15, unknown: 0.6 };
/** What all of an area's contracts together count beside the project's own: as much as so many that are just like the subject. */
const PRIOR = 0.4;

export interface RentWeights {
	readonly weights: Float64Array;
	/** The sum of them. */
	readonly total: number;
	/** The shares of it that the project's own contracts have, and those of any project. */
	readonly ofProject: number;
	readonly inProjects: number;
}

/**
 * How much each contract says of the subject. The area is what is believed of a project before its own contracts are seen:
 * the more of them there are, the less it counts.
 */
export function weighRents(subject: RentSubject, contracts: readonly RentRow[]): RentWeights {
	const weights = new Float64Array(contracts.length);
	const sums = { project: 0, area: 0 };
	for (let at = 0; at < contracts.length; at += 1) {
		const contract = contracts[at] as RentRow;
		const weight = weigh(subject, contract);
		weights[at] = weight;
		sums[contract.ofProject ? "project" : "area"] += weight;
	}
	const share = sums.project > 0 && sums.area > PRIOR ? PRIOR / sums.area : 1;
	let inProjects = 0;
	for (let at = 0; at < contracts.length; at += 1) {
		const contract = contracts[at] as RentRow;
		if (!contract.ofProject) weights[at] = (weights[at] as number) * share;
		if (contract.inProject) inProjects += weights[at] as number;
	}
	const total = sums.project + sums.area * share;
	return { weights, total, ofProject: sums.project / total, inProjects: inProjects / total };
}

function weigh({ sizeSqm, rooms, day }: RentSubject, contract: RentRow): number {
	const gap = Math.log(contract.sizeSqm / sizeSqm) / SIZE;
	// It is the start that tells which market a rent was agreed in: some contracts are registered months after it.
	const age = Math.max(0, day - contract.startsDay);
	const halfLife = contract.ofProject ? HALF_LIFE.project : HALF_LIFE.area;
	// Falls off as a power, not as a bell: another size counts little, but never nothing.
	let weight = 0.5 ** (age / halfLife) / (1 + gap * gap);
	if (!contract.ofProject && contract.sizeSqm === hundredths(sizeSqm)) weight *= SAME_SIZE;
	if (rooms !== null && contract.rooms !== rooms) {
		weight *= contract.rooms === null ? ROOMS.unknown : ROOMS.other;
	}
	return weight;
}
