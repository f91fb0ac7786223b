/** What is let besides homes; rounded inventions. Sizes in m2, rents in AED a year. */
export interface CommercialLetting {
	propertyType: string;
	subType: string;
	usage: string;
	/** Its share of all rental contracts. */
	share: number;
	/** The middle size, and the spread of its logarithm. */
	size: number;
	sizeSpread: number;
	/** The middle rent per m2, and the spread of its logarithm. */
	perSqm: number;
	rentSpread: number;
	/** The share of contracts that renew an earlier one. */
	renewed: number;
}

type Row = readonly [
	propertyType: string,
	subType: string,
	usage: string,
	share: number,
	size: number,
	sizeSpread: number,
	perSqm: number,
	rentSpread: number,
	renewed: number,
];

const ROWS: readonly Row[] = [
	["Unit", "Office", "Commercial", 0.11, 45, 0.9, 1150, 0.45, 0.42],
	["Virtual Unit", "Office", "Commercial", 0.05, 15, 0.5, 1000, 0.4, 0.06],
	["Unit", "Shop", "Commercial", 0.077, 42, 0.85, 2100, 0.6, 0.75],
	["Unit", "Labor Camps", "Residential", 0.02, 18.5, 0.4, 1500, 0.9, 0.5],
	["Unit", "Warehouse", "Commercial", 0.01, 340, 0.9, 430, 0.4, 0.73],
	["Unit", "Hotel", "Residential", 0.0066, 65, 0.6, 2200, 0.6, 0.31],
	["Villa", "Complex Villas", "Residential", 0.0047, 270, 0.5, 600, 0.4, 0.8],
	["Land", "", "", 0.0033, 900, 1, 60, 0.8, 0.9],
	["Unit", "Showroom", "Commercial", 0.0031, 215, 0.9, 1200, 0.5, 0.76],
	["Unit", "Workshop", "Industrial", 0.0006, 120, 0.7, 500, 0.4, 0.7],
	["Unit", "Restaurant", "Commercial", 0.0006, 150, 0.7, 1800, 0.5, 0.6],
	["Unit", "Kiosk", "Commercial", 0.0005, 9, 0.4, 6000, 0.7, 0.5],
	["Unit", "Clinic", "Commercial", 0.0005, 130, 0.6, 1300, 0.4, 0.6],
	["Unit", "Parking", "Commercial", 0.0004, 13, 0.2, 350, 0.5, 0.5],
	["Building", "Building", "Residential", 0.0003, 3500, 0.7, 350, 0.4, 0.8],
];

export const COMMERCIAL_LETTINGS: readonly CommercialLetting[] = ROWS.map(
	([propertyType, subType, usage, share, size, sizeSpread, perSqm, rentSpread, renewed]) => ({
		propertyType,
		subType,
		usage,
		share,
		size,
		sizeSpread,
		perSqm,
		rentSpread,
		renewed,
	}),
);
