import type { Database } from "../../db/client.ts";
import {
	type ComparableSale,
	findComparables,
	type MarketFigures,
	marketFigures,
	type RentFigures,
	rentFigures,
} from "../../db/queries/evidence.ts";
import { daysBefore } from "../lib/days.ts";
import type { Subject } from "./subject.ts";

/** Sales older than this say little about today, and count next to nothing by then. */
const COMPARABLES_DAYS = 365;
const COMPARABLES_LIMIT = 500;
const COMPARABLES_SPREAD = 1.35;
/** The market's figures speak of this many days, and of as many before them. */
export const MARKET_DAYS = 90;
const RENT_DAYS = 365;
const RENT_SPREAD = 1.2;

/** All that was read for one valuation. */
export interface Gathered {
	comparables: ComparableSale[];
	/** How many there are; `comparables` holds the nearest of them. */
	comparablesFound: number;
	market: MarketFigures;
	rents: RentFigures;
}

/** Reads what is known of the subject's market up to the day before the valuation. */
export async function gather(db: Database, subject: Subject): Promise<Gathered> {
	const { place, propertyType, sizeSqm, asOf } = subject;
	const of = { propertyType, before: asOf };
	const [{ sales: comparables, found: comparablesFound }, market, rents] = await Promise.all([
		findComparables(db, {
			...of,
			areaIds: place.salesAreaIds,
			from: daysBefore(asOf, COMPARABLES_DAYS),
			...sizeRange(sizeSqm, COMPARABLES_SPREAD),
			sizeSqm,
			projectId: subject.project?.id ?? null,
			limit: COMPARABLES_LIMIT,
		}),
		marketFigures(db, {
			...of,
			areaIds: place.salesAreaIds,
			from: daysBefore(asOf, 2 * MARKET_DAYS),
			split: daysBefore(asOf, MARKET_DAYS),
		}),
		rentFigures(db, {
			...of,
			areaIds: place.rentalAreaIds,
			from: daysBefore(asOf, RENT_DAYS),
			...sizeRange(sizeSqm, RENT_SPREAD),
		}),
	]);
	return { comparables, comparablesFound, market, rents };
}

function sizeRange(sizeSqm: number, spread: number) {
	return { minSizeSqm: sizeSqm / spread, maxSizeSqm: sizeSqm * spread };
}
