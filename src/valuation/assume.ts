import type { Picked } from "./pick.ts";
import type { Sale, Valued } from "./sale.ts";

/** What a request says of the property, as far as its sales are concerned. */
export interface Described extends Omit<Valued, "ready" | "rooms"> {
	readonly rooms: number | null;
	readonly ready: boolean | null;
}

/** What was taken from the sales because the request did not say it. */
export type Assumed = "development_status" | "bedrooms";

const KERNEL = { size: 0.05, halfLife: 60 };
/** What an area's sale says of it, for one of the project. */
const AREA_SHARE = 0.05;

/**
 * Fills in the status and the rooms that most of the sales nearest in size and time have: what they are worth follows
 * from them, and a request that leaves them out is most likely about such a home.
 */
export function fillIn(described: Described, picked: Picked): { subject: Valued; assumed: Assumed[] } {
	const assumed: Assumed[] = [];
	let { ready, rooms } = described;
	if (ready === null) {
		ready =
			mostOf(
				described,
				picked,
				() => true,
				(sale) => sale.ready,
			) ?? true;
		assumed.push("development_status");
	}
	if (rooms === null) {
		rooms =
			mostOf(
				described,
				picked,
				(sale) => sale.ready === ready,
				(sale) => sale.rooms,
			) ?? null;
		if (rooms !== null) assumed.push("bedrooms");
	}
	return { subject: { ...described, ready, rooms }, assumed };
}

function mostOf<T>(
	{ day, logSize }: Described,
	picked: Picked,
	counts: (sale: Sale) => boolean,
	of: (sale: Sale) => T,
): T | undefined {
	const weights = new Map<T, number>();
	const add = (sales: readonly Sale[], share: number) => {
		for (const sale of sales) {
			if (!counts(sale)) continue;
			const gap = (sale.logSize - logSize) / KERNEL.size;
			const weight = (share * 0.5 ** ((day - sale.day) / KERNEL.halfLife)) / (1 + gap * gap) ** 2;
			weights.set(of(sale), (weights.get(of(sale)) ?? 0) + weight);
		}
	};
	add(picked.project, 1);
	add(picked.area, AREA_SHARE);
	let most: [T, number] | undefined;
	for (const entry of weights) if (!most || entry[1] > most[1]) most = entry;
	return most?.[0];
}
