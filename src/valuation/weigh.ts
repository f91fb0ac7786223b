import type { Sale, Valued } from "./sale.ts";

/** How much a sale counts the less, the less it is like the subject. */
export interface Kernel {
	/** Difference in ln(size) at which a sale counts a quarter. */
	readonly size: number;
	/** Days after which it counts half. */
	readonly halfLife: number;
	/** What one with another number of rooms counts, 0..1. */
	readonly rooms: number;
	/** What a ready one counts for one off-plan, and the other way round, 0..1. */
	readonly status: number;
}

/** What a sale counts whose rooms the register does not say, in every kernel. */
const ROOMS_UNKNOWN = 0.6;

export function weigh(subject: Valued, sales: readonly Sale[], kernel: Kernel): Float64Array {
	const weights = new Float64Array(sales.length);
	for (let index = 0; index < sales.length; index += 1) {
		const sale = sales[index] as Sale;
		const gap = (subject.logSize - sale.logSize) / kernel.size;
		// Falls off as a power, not as a bell: a distant sale counts little but never nothing.
		let weight = 0.5 ** ((subject.day - sale.day) / kernel.halfLife) / (1 + gap * gap) ** 2;
		if (subject.rooms !== null && sale.rooms !== subject.rooms) {
			weight *= sale.rooms === null ? ROOMS_UNKNOWN : kernel.rooms;
		}
		weights[index] = sale.ready === subject.ready ? weight : weight * kernel.status;
	}
	return weights;
}
