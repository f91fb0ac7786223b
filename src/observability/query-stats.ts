import type { QueryObserver, QueryOperation } from "../../db/client.ts";
import type { Counts } from "./cache-report.ts";
import { createCounter } from "./counter.ts";
import { createHistogram, type HistogramSnapshot } from "./histogram.ts";

export const QUERY_OPERATIONS = [
	"select",
	"insert",
	"update",
	"delete",
	"with",
	"other",
] as const satisfies readonly QueryOperation[];

export interface QueryReport {
	/** Queries that have ended, by the first word of their statement: how many, and how long they took. */
	readonly times: Readonly<Record<QueryOperation, HistogramSnapshot>>;
	/** By class of SQLSTATE, `connection` or `other`. */
	readonly errors: Counts;
	readonly inFlight: number;
	/** In flight, but there is no connection for them. */
	readonly waiting: number;
	readonly poolSize: number;
}

/** For `openDatabase`: counts queries, and how long callers waited for them, the wait for a connection included. */
export interface QueryStats extends QueryObserver {
	report(): QueryReport;
}

/** `now`: milliseconds of a clock that only goes forward. */
export function createQueryStats(deps: { poolSize: number; now?: () => number }): QueryStats {
	const { poolSize, now = () => performance.now() } = deps;
	const entries = QUERY_OPERATIONS.map((operation) => [operation, createHistogram()] as const);
	const times = new Map(entries);
	const errors = createCounter();
	let inFlight = 0;

	return {
		started(operation) {
			const begun = now();
			inFlight += 1;
			return (failure) => {
				inFlight -= 1;
				times.get(operation)?.observe(now() - begun);
				if (failure !== undefined) errors.add(failure);
			};
		},
		report: () => ({
			times: Object.fromEntries(entries.map(([name, of]) => [name, of.snapshot()])) as QueryReport["times"],
			errors: errors.counts(),
			inFlight,
			waiting: Math.max(0, inFlight - poolSize),
			poolSize,
		}),
	};
}
