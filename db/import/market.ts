/**
 * What counts as evidence of the open market, as SQL over a row's own columns. The figures behind the numbers are in
 * docs/data.md. Implausible prices per square metre stay in: judging those is the valuation's business.
 */

/** In lower case, as files differ in theirs. `sell` is Dubai Pulse's word for `sale`. */
const ARMS_LENGTH_PROCEDURES = ["sale", "sell", "sell - pre registration", "delayed sell"];

/** Below it the price is for a share of the property; from 0.85 up the two sizes differ by measurement only. */
const PART_SHARE_BELOW = 0.85;

/** Why a sale is not evidence, null when it is; `duplicate` is decided where the other rows of a number are known. */
export const saleReason = `case
	when "group" = 'mortgage' then 'mortgage'
	when "group" = 'gift' then 'gift'
	when lower(procedure) not in (${quoted(ARMS_LENGTH_PROCEDURES)}) then 'procedure'
	when price is null then 'no-price'
	when size_sqm is null then 'no-size'
	when procedure_size_sqm < ${PART_SHARE_BELOW} * size_sqm then 'part-share'
end::non_market_reason`;

interface RentBounds {
	applies: string;
	/** Square metres. */
	size: readonly [low: number, high: number];
	/** AED per square metre and year; above it the rent is that of several units. */
	mostPerSqm: number;
}

/** Less in a year is a token, not a rent. */
const LEAST_ANNUAL_RENT = 1000;

/** The first that applies. */
const RENT_BOUNDS: readonly RentBounds[] = [
	{
		applies: `property_type in (${quoted(["Labor Camps", "Staff Accommodation"])})`,
		size: [5, 1_000],
		mostPerSqm: 4_000,
	},
	{ applies: "property_class in ('land', 'building')", size: [10, 1_000_000], mostPerSqm: 30_000 },
	{
		applies: `property_class = 'unit' and property_type in (${quoted(["Flat", "Hotel Apartment", "Penthouse"])})`,
		size: [12, 500],
		mostPerSqm: 10_000,
	},
	{
		applies: `property_type in (${quoted(["Villa", "Complex Villas", "Villa addendum", "Arabian House", "Flat"])})`,
		size: [50, 2_000],
		mostPerSqm: 10_000,
	},
	{ applies: "true", size: [2, 10_000], mostPerSqm: 30_000 },
];

/** Why a rental contract is not evidence, null when it is. */
export const rentReason = `case
	when annual_rent is null or annual_rent < ${LEAST_ANNUAL_RENT} then 'no-rent'
	when units > 1 then 'multi-unit'
	when size_sqm is null then 'no-size'
	when not (${perKind(({ size: [low, high] }) => `size_sqm between ${low} and ${high}`)}) then 'implausible-size'
	when annual_rent / size_sqm > ${perKind(({ mostPerSqm }) => String(mostPerSqm))} then 'multi-unit'
end::non_market_rent_reason`;

function perKind(value: (bounds: RentBounds) => string): string {
	return `case ${RENT_BOUNDS.map((bounds) => `when ${bounds.applies} then ${value(bounds)}`).join(" ")} end`;
}

function quoted(words: readonly string[]): string {
	return words.map((word) => `'${word}'`).join(", ");
}
