/** An arm's-length sale of a whole property, as registered: what a study tests with, and what valuers learn from. */
export interface Sale {
	readonly id: number;
	/** Days from 1970-01-01 to the Dubai day of registration. */
	readonly day: number;
	readonly procedure: string;
	readonly propertyType: string;
	readonly areaId: number;
	readonly area: string;
	/** null where the register names no project. */
	readonly projectId: number | null;
	readonly project: string | null;
	/** 0 is a studio; null when not known. */
	readonly rooms: number | null;
	readonly developmentStatus: "Ready" | "Off-Plan";
	/** AED */
	readonly price: number;
	readonly sizeSqm: number;
}

/** What a request could say of a property on the day on which it was sold; its price is not among it. */
export interface Subject
	extends Pick<Sale, "propertyType" | "areaId" | "projectId" | "rooms" | "developmentStatus"> {
	/** The day of the valuation, in days since 1970-01-01. */
	readonly day: number;
	/** Square metres to two decimals, as requests have it. */
	readonly sizeSqm: number;
}

/** The subject's description in the words of the report. */
export const DESCRIBED_BY = [
	"property type",
	"area",
	"project",
	"size rounded to 0.01 m2",
	"rooms",
	"development status",
] as const;

export function subjectOf(sale: Sale): Subject {
	return {
		day: sale.day,
		propertyType: sale.propertyType,
		areaId: sale.areaId,
		projectId: sale.projectId,
		rooms: sale.rooms,
		developmentStatus: sale.developmentStatus,
		// Whatever has a size keeps one.
		sizeSqm: Math.max(0.01, Math.round(sale.sizeSqm * 100) / 100),
	};
}
