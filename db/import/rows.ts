import type { Name } from "./names.ts";
import type { Property, Rooms } from "./property.ts";

/** A registered transaction as read from any source. AED, square metres, wall time in Dubai. */
export interface SaleRow extends Property, Rooms {
	group: "sale" | "mortgage" | "gift";
	/** `<procedure>-<year>-<serial>`, whatever the source's own order. */
	number: string;
	registeredAt: string;
	procedure: string;
	area: Name;
	project: Name | undefined;
	masterProject: string | undefined;
	usage: string | undefined;
	developmentStatus: "Ready" | "Off-Plan";
	freehold: boolean | undefined;
	price: number | undefined;
	sizeSqm: number | undefined;
	procedureSizeSqm: number | undefined;
}

/** A registered rental contract as read from any source. AED, square metres. */
export interface RentalRow extends Property, Rooms {
	/** What makes two rows the same contract, as one text; hashed before it is kept. */
	identity: string;
	registeredAt: string | undefined;
	startsOn: string;
	endsOn: string;
	kind: "new" | "renewed";
	area: Name;
	project: Name | undefined;
	masterProject: string | undefined;
	usage: string | undefined;
	freehold: boolean | undefined;
	annualRent: number | undefined;
	contractRent: number | undefined;
	sizeSqm: number | undefined;
	units: number | undefined;
}

/** A sales area and a rental area it lies in. */
export interface LinkRow {
	salesArea: Name;
	rentalArea: Name;
	/** 0..1 */
	share: number;
	sharedProjects: number;
}
