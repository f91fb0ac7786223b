import { SEARCH_TYPES } from "../../src/lib/search-type.ts";
import type { BenchRequest, Target } from "../measure/request.ts";
import { begunAt, mixOrder } from "./mix-order.ts";
import { asking, type Subject, valuationRequest } from "./subjects.ts";

/** So many requests are drawn; longer runs begin again with the first. */
const DRAWN = 200_000;

export interface Mix {
	/**
	 * All different requests and the order in which they are asked.
	 *
	 * @param part where in the order to begin, 0..1
	 */
	target(port: number, part: number): Target;
	/** Requests of the order, one by one, from the same place on. */
	sample(count: number, part: number): BenchRequest[];
}

/** What all kinds of callers ask for: lists of areas and types, and the subjects' values by Zipf's law. */
export function createMix(subjects: readonly Subject[], token: string, seed: number): Mix {
	const requests = [...listRequests(token), ...subjects.map((subject) => valuationRequest(subject, token))];
	const [areas, types] = [SEARCH_TYPES.length, SEARCH_TYPES.length];
	const order = mixOrder({ areas, types, valuations: subjects.length }, DRAWN, seed);
	const from = (part: number) => begunAt(order, Math.floor(part * DRAWN));
	return {
		target: (port, part) => ({ port, requests, order: from(part) }),
		sample: (count, part) =>
			from(part)
				.slice(0, count)
				.flatMap((index) => requests[index] ?? []),
	};
}

/** Of areas, then of types. */
export function listRequests(token: string): BenchRequest[] {
	const headers = asking(token);
	return ["areas", "property-types"].flatMap((list) =>
		SEARCH_TYPES.map((searchType) => ({ path: `/api/${list}/${searchType}`, headers })),
	);
}
