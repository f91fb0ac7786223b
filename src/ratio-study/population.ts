import type { Sale } from "./sale.ts";

/** What a sale must be to be tested. Amounts in AED, sizes in m2; both ends of a range belong to it. */
export const POPULATION = {
	property_types: ["Flat", "Villa"],
	/** Compared without case. "Sell" is what Dubai Pulse calls a Sale. */
	procedures: ["Sale", "Sell", "Sell - Pre registration", "Delayed Sell"],
	rooms: [0, 10],
	price_from: 100_000,
	size_from: 15,
	price_per_sqm: [2_000, 150_000],
} as const;

/** The second table's: whatever the register holds of homes, its slips of the pen included. */
export const UNBOUNDED_POPULATION = {
	property_types: POPULATION.property_types,
	price_above: 0,
	size_above: 0,
} as const;

const TYPES: ReadonlySet<string> = new Set(POPULATION.property_types);
const PROCEDURES: ReadonlySet<string> = new Set(POPULATION.procedures.map((name) => name.toLowerCase()));

export function isHome({ propertyType }: Pick<Sale, "propertyType">): boolean {
	return TYPES.has(propertyType);
}

export function isInUnboundedPopulation(sale: Sale): boolean {
	return isHome(sale) && sale.price > 0 && sale.sizeSqm > 0;
}

export function isInPopulation(sale: Sale): boolean {
	const perSqm = sale.price / sale.sizeSqm;
	return (
		isInUnboundedPopulation(sale) &&
		PROCEDURES.has(sale.procedure.trim().toLowerCase()) &&
		isBetween(sale.rooms, POPULATION.rooms) &&
		sale.price >= POPULATION.price_from &&
		sale.sizeSqm >= POPULATION.size_from &&
		isBetween(perSqm, POPULATION.price_per_sqm)
	);
}

function isBetween(value: number | null, [low, high]: readonly [number, number]): boolean {
	return value !== null && value >= low && value <= high;
}
