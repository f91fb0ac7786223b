import type { Clock } from "../lib/clock.ts";
import { type CacheStats, createCacheStats } from "./cache-stats.ts";
import type { Metrics, MetricsDeps } from "./metrics.ts";
import { createQueryStats, type QueryStats } from "./query-stats.ts";
import { createRequestStats, type RequestStats } from "./request-stats.ts";
import { createValuationStats, type ValuationStats } from "./valuation-stats.ts";

export interface CountingDeps extends Pick<MetricsDeps, "policies" | "tiers" | "stores"> {
	clock: Clock;
	segments: readonly string[];
	/** Connections to the database. */
	poolSize: number;
}

/** All that one instance counts. */
export interface Counting {
	readonly cache: CacheStats;
	readonly requests: RequestStats;
	readonly queries: QueryStats;
	readonly valuations: ValuationStats;
	/** The same figures for Prometheus, whose library is read only now: a start without metrics does without it. */
	metrics(asked: Pick<MetricsDeps, "usage" | "connected" | "state">): Promise<Metrics>;
}

export function createCounting(deps: CountingDeps): Counting {
	const cache = createCacheStats(deps);
	const requests = createRequestStats();
	const queries = createQueryStats(deps);
	const valuations = createValuationStats(deps.segments);
	return {
		cache,
		requests,
		queries,
		valuations,
		async metrics(asked) {
			const { createMetrics } = await import("./metrics.ts");
			return createMetrics({ ...deps, stats: cache, requests, queries, valuations, ...asked });
		},
	};
}
