/** An arm's-length sale as the arithmetic sees it. */
export interface Sale {
	readonly id: number;
	/** The day of registration in Dubai, counted from 1970-01-01. */
	readonly day: number;
	/** AED. */
	readonly price: number;
	readonly sizeSqm: number;
	/** 0 is a studio; null when the register does not say. */
	readonly rooms: number | null;
	readonly ready: boolean;
	readonly projectId: number | null;
	readonly areaId: number;
	readonly logSize: number;
	/** Natural logarithm of AED per square metre. */
	readonly logPerSqm: number;
}

export function saleOf(given: Omit<Sale, "logSize" | "logPerSqm">): Sale {
	const { id, day, price, sizeSqm, rooms, ready, projectId, areaId } = given;
	const logSize = Math.log(sizeSqm);
	// Written out, as thousands are made for one valuation and spreading costs more than all else.
	return {
		id,
		day,
		price,
		sizeSqm,
		rooms,
		ready,
		projectId,
		areaId,
		logSize,
		logPerSqm: Math.log(price) - logSize,
	};
}

/** What is to be valued, as far as its sales are chosen by it. */
export interface Sought {
	/** The day of the valuation, counted from 1970-01-01: only earlier sales count. */
	readonly day: number;
	readonly logSize: number;
}

/** What is to be valued, with nothing left open. */
export interface Valued extends Sought {
	readonly propertyType: string;
	/** null also for types that have no rooms. */
	readonly rooms: number | null;
	readonly ready: boolean;
}
