import { QUERY_OPERATIONS, type QueryReport } from "../query-stats.ts";
import { counter, countsOf, type Family, gauge, histogram } from "./family.ts";

export interface QuerySource {
	readonly queries: QueryReport;
}

/** Classes of SQLSTATE that an operator asks for: no connection, no resources, cancelled, and the two that are ours. */
const ERROR_CLASSES = ["connection", "08", "53", "57", "other"];

/** What is asked of the database. */
export const queryFamilies: readonly Family<QuerySource>[] = [
	counter("retyn_database_queries_total", "Queries that have ended, by their first word.", ({ queries }) =>
		QUERY_OPERATIONS.map((operation) => ({ labels: { operation }, value: queries.times[operation].count })),
	),
	counter(
		"retyn_database_query_errors_total",
		"Queries that failed, by the class of their SQLSTATE, or for want of a connection.",
		({ queries }) => countsOf(ERROR_CLASSES, queries.errors, (word) => ({ class: word })),
	),
	histogram(
		"retyn_database_query_duration_seconds",
		"How long a query took, waiting for a connection included.",
		({ queries }) => QUERY_OPERATIONS.map((operation) => [{ operation }, queries.times[operation]] as const),
	),
	gauge(
		"retyn_database_queries_in_flight",
		"Queries that have not ended.",
		({ queries }) => queries.inFlight,
	),
	gauge("retyn_database_pool_size", "Connections that there are at most.", ({ queries }) => queries.poolSize),
	gauge(
		"retyn_database_queries_waiting",
		"Queries in flight above the number of connections.",
		({ queries }) => queries.waiting,
	),
];
