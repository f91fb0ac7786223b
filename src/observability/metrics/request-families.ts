import type { RequestReport } from "../request-stats.ts";
import type { ValuationCount } from "../valuation-stats.ts";
import { counter, type Family, histogram } from "./family.ts";

export interface RequestSource {
	readonly requests: RequestReport;
	readonly valuations: readonly ValuationCount[];
}

/** What was asked and answered. */
export const requestFamilies: readonly Family<RequestSource>[] = [
	counter("retyn_http_requests_total", "Requests that were answered.", ({ requests }) =>
		requests.series.map(({ route, method, status, count }) => ({
			labels: { route, method, status },
			value: count,
		})),
	),
	histogram("retyn_http_request_duration_seconds", "How long answering took.", ({ requests }) =>
		Object.entries(requests.times).map(([route, times]) => [{ route }, times]),
	),
	counter(
		"retyn_valuations_total",
		"Values that were worked out, and those that could not be for want of sales.",
		({ valuations }) =>
			valuations.map(({ segment, outcome, count }) => ({ labels: { segment, outcome }, value: count })),
	),
];
