import { SEARCH_TYPES } from "../lib/search-type.ts";
import type { Demand } from "./demand.ts";

/** Whatever host: these never leave the process. */
const HERE = "http://localhost";

/** So many are about equally wanted. */
const BLOCK = 200;

/**
 * All lists of names, and the valuations that are asked for most. Each server begins elsewhere among those that are about
 * equally wanted: several that warm at once would otherwise wait for each other at every one.
 *
 * @param random uniform in [0, 1)
 */
export async function wantedRequests(
	demand: Demand,
	valuations: number,
	random: () => number = Math.random,
): Promise<Request[]> {
	const lists = ["areas", "property-types"].flatMap((list) =>
		SEARCH_TYPES.map((searchType) => new Request(`${HERE}/api/${list}/${searchType}`)),
	);
	const bodies = valuations > 0 ? await demand.top(valuations) : [];
	return [
		...lists,
		...begunElsewhere(bodies, random).map(
			(body) =>
				new Request(`${HERE}/api/property/valuation`, {
					method: "POST",
					headers: { "Content-Type": "application/json" },
					body,
				}),
		),
	];
}

function begunElsewhere(bodies: readonly string[], random: () => number): string[] {
	const blocks = Array.from({ length: Math.ceil(bodies.length / BLOCK) }, (_, index) =>
		bodies.slice(index * BLOCK, (index + 1) * BLOCK),
	);
	return blocks.flatMap((block) => {
		const start = Math.floor(random() * block.length);
		return [...block.slice(start), ...block.slice(0, start)];
	});
}
