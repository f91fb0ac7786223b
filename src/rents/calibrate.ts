import type { MarketRent } from "../../db/queries/rents.ts";
import { type RentCalibration, type RentError, rentSegments } from "./calibration.ts";
import { indicateRent } from "./estimate.ts";
import { RentHistory } from "./history.ts";
import { wantedRents } from "./reach.ts";

/** The last days' contracts are valued by what was known before each of them: from these errors the ranges are made. */
const PART_DAYS = 30;
/** Of each property type so many are valued in each part, evenly spread: more tell nothing new. */
const MOST = 4_000;

/** How many days of contracts a calibration reads: those it values, and those it values them by. */
export const CALIBRATION_DAYS = 2 * PART_DAYS + 365;

/**
 * Learns how far estimates of rents are off, from the last 60 days. What is known of a day is what was registered before it.
 *
 * @param contracts new market ones, ascending by when they became known
 */
export function calibrateRents(contracts: readonly MarketRent[]): RentCalibration {
	const through = contracts.at(-1)?.knownDay ?? 0;
	const middle = through - PART_DAYS;
	const errors = [
		...replayRents(contracts, { after: middle - PART_DAYS, through: middle }).map(part(false)),
		...replayRents(contracts, { after: middle, through }).map(part(true)),
	];
	return { dataThrough: through, segments: rentSegments(errors) };
}

function part(later: boolean) {
	return (error: Omit<RentError, "later">): RentError => ({ ...error, later });
}

/**
 * Values contracts of a period by what was known before each one's day: each by its project, if it has one, and as if none
 * had been named.
 *
 * @param contracts ascending by when they became known
 * @param most of each property type
 */
export function replayRents(
	contracts: readonly MarketRent[],
	{ after, through, most = MOST }: { after: number; through: number; most?: number },
): (Omit<RentError, "later"> & { readonly contract: MarketRent })[] {
	const history = new RentHistory();
	const studied = withoutCopies(contracts).filter(({ knownDay }) => knownDay > after && knownDay <= through);
	const chosen = new Set(sample(studied, most));
	const errors: (Omit<RentError, "later"> & { contract: MarketRent })[] = [];
	for (const contract of contracts) {
		if (contract.knownDay > through) break;
		if (chosen.has(contract)) {
			for (const named of contract.projectId === null ? [false] : [true, false]) {
				const error = valueAgain(contract, named, history);
				if (error) errors.push({ ...error, contract });
			}
		}
		// Those of the contract's own day are added too, and left out again by the day.
		history.add(contract);
	}
	return errors;
}

function valueAgain(
	contract: MarketRent,
	named: boolean,
	history: RentHistory,
): Omit<RentError, "later"> | null {
	const { propertyType, areaId, projectId, sizeSqm, rooms, knownDay: day, annualRent } = contract;
	const subject = {
		propertyType,
		areaIds: [areaId],
		projectIds: named && projectId !== null ? [projectId] : [],
		namesProject: named,
		sizeSqm,
		rooms,
		day,
	};
	const indication = indicateRent(subject, history.latest(wantedRents(subject)));
	if (!indication) return null;
	const { level, spread, scope } = indication;
	return { propertyType, scope, spread, error: Math.log(annualRent / sizeSqm) - level };
}

/**
 * A block that is let at once is registered as so many equal contracts, and some contracts are registered twice. Only the
 * first of equal ones is valued: the others are told by it, and would make the estimates look better than they are.
 */
function withoutCopies(contracts: readonly MarketRent[]): MarketRent[] {
	const seen = new Set<string>();
	return contracts.filter(({ areaId, projectId, propertyType, startsDay, annualRent, sizeSqm }) => {
		const key = `${areaId} ${projectId} ${propertyType} ${startsDay} ${annualRent} ${sizeSqm}`;
		const isFirst = !seen.has(key);
		seen.add(key);
		return isFirst;
	});
}

/** At most so many of each property type, as far apart from one another as they can be. */
function sample(contracts: readonly MarketRent[], most: number): MarketRent[] {
	const counts = new Map<string, number>();
	for (const { propertyType } of contracts) counts.set(propertyType, (counts.get(propertyType) ?? 0) + 1);
	const passed = new Map<string, number>();
	return contracts.filter(({ propertyType }) => {
		const share = Math.min(1, most / (counts.get(propertyType) ?? 1));
		const before = passed.get(propertyType) ?? 0;
		passed.set(propertyType, before + share);
		return Math.floor(before + share) > Math.floor(before);
	});
}
