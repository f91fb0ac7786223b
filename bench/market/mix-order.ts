import { createRandom } from "../../src/lib/random.ts";
import { zipf } from "./zipf.ts";

/** How many of ten requests ask for what. */
const SHARES = { areas: 1, types: 1, valuations: 8 } as const;
const EXPONENT = 1;

/** How many different requests of each kind there are. */
export type Variety = Readonly<Record<keyof typeof SHARES, number>>;

/**
 * Which request comes when: one for a list of areas, one for a list of types and eight for valuations, by chance. Lists
 * are all asked for alike, valuations by Zipf's law. The same for the same seed.
 *
 * @returns indices into the requests for areas, types and valuations, one behind the other
 */
export function mixOrder(variety: Variety, length: number, seed: number): number[] {
	const random = createRandom(seed);
	const valuation = zipf(variety.valuations, EXPONENT);
	const kinds = Object.entries(SHARES) as [keyof typeof SHARES, number][];
	const first = { areas: 0, types: variety.areas, valuations: variety.areas + variety.types };
	return Array.from({ length }, () => {
		const kind = random.weighted(kinds);
		const which = kind === "valuations" ? valuation(random.next()) : random.integer(0, variety[kind] - 1);
		return first[kind] + which;
	});
}

/** The same order begun elsewhere, so that runs of a few seconds do not all ask the same. */
export function begunAt(order: readonly number[], start: number): number[] {
	const at = order.length > 0 ? start % order.length : 0;
	return [...order.slice(at), ...order.slice(0, at)];
}
