import { mixOrder } from "../../bench/market/mix-order.ts";
import { listRequests } from "../../bench/market/mix-requests.ts";
import { type Subject, valuationRequest } from "../../bench/market/subjects.ts";
import type { BenchRequest } from "../../bench/measure/request.ts";
import { createRandom } from "../../src/lib/random.ts";

/** What has to be told of a property that was asked for. */
export interface Echo {
	readonly property_type: string;
	readonly area: string;
	readonly size_sqm: number;
}

export type AskKind = "list" | "valuation" | "variant" | "batch";

/** Something that users ask for, without who asks. */
export interface Ask {
	readonly kind: AskKind;
	readonly method: "GET" | "POST";
	readonly path: string;
	readonly body?: string;
	/** The properties whose values have to come back, in their order; none for a list of names. */
	readonly echoes: readonly Echo[];
}

export interface Asks {
	readonly asks: readonly Ask[];
	/** Which is asked when: indices into `asks`. */
	readonly order: readonly number[];
}

export interface Shares {
	/** Of all requests: properties that nobody asked for before, and so are in no cache. */
	readonly variants: number;
	/** Of all requests: lists of properties that were asked for one by one. */
	readonly batches: number;
}

/** Of the benchmark's mix, so many are something else. */
export const SHARES: Shares = { variants: 0.02, batches: 0.01 };
const BATCHES = 20;
const BATCH_OF = 10;
/** How much larger or smaller than one that has a value: such a property has one, too. */
const VARIED_BY = 0.1;

/**
 * The benchmark's mix (lists of names, values by Zipf's law), a few of them replaced.
 *
 * @param subjects that have a value
 * @param length how many requests there will be about; beyond that it begins again, and variants are no longer new
 */
export function createAsks(
	subjects: readonly Subject[],
	length: number,
	seed: number,
	shares = SHARES,
): Asks {
	const random = createRandom(seed, 1);
	const lists = listRequests("").map((request) => askOf("list", request, []));
	const known = subjects.map((subject) => valuationOf("valuation", subject));
	const batches = Array.from({ length: BATCHES }, (_, index) => {
		const from = (index * BATCH_OF) % Math.max(1, subjects.length - BATCH_OF);
		return batchOf(subjects.slice(from, from + BATCH_OF));
	});
	const asks: Ask[] = [...lists, ...known, ...batches];
	const firstBatch = lists.length + known.length;
	const variety = { areas: lists.length / 2, types: lists.length / 2, valuations: known.length };
	const order = mixOrder(variety, length, seed).map((index) => {
		const draw = random.next();
		if (draw < shares.batches) return firstBatch + random.integer(0, batches.length - 1);
		if (draw >= shares.batches + shares.variants) return index;
		const variant = varied(random.pick(subjects), random.between(-VARIED_BY, VARIED_BY));
		return asks.push(valuationOf("variant", variant)) - 1;
	});
	return { asks, order };
}

/** A property like it, of another size. Nearly always one that nobody has asked for. */
export function varied(subject: Subject, by: number): Subject {
	return { ...subject, size: Math.round(subject.size * (1 + by) * 10) / 10 };
}

function valuationOf(kind: AskKind, subject: Subject): Ask {
	return askOf(kind, valuationRequest(subject, ""), [echoOf(subject)]);
}

function batchOf(subjects: readonly Subject[]): Ask {
	const bodies = subjects.map((subject) => JSON.parse(valuationRequest(subject, "").body ?? "{}"));
	return {
		kind: "batch",
		method: "POST",
		path: "/api/property/valuations",
		body: JSON.stringify({ subjects: bodies }),
		echoes: subjects.map(echoOf),
	};
}

function askOf(kind: AskKind, { method = "GET", path, body }: BenchRequest, echoes: readonly Echo[]): Ask {
	return { kind, method, path, ...(body !== undefined && { body }), echoes };
}

function echoOf({ type, area, size }: Subject): Echo {
	return { property_type: type, area, size_sqm: size };
}
