import type { Answered, CacheReport, Counts, PolicyReport, StoreReport } from "./cache-report.ts";
import { type HistogramSnapshot, quantile } from "./histogram.ts";

/** A report as an operator reads it: plain JSON, times in milliseconds unless their name says otherwise. */
export function describeReport(report: CacheReport) {
	const policies = Object.entries(report.policies).map(([name, policy]) => [name, describePolicy(policy)]);
	return {
		instances: report.instances,
		since: new Date(report.since).toISOString(),
		policies: Object.fromEntries(policies) as Record<string, ReturnType<typeof describePolicy>>,
		store: describeStore(report.store),
	};
}

function describePolicy(policy: PolicyReport) {
	const [hits, stale] = [total(policy.hits), total(policy.stale)];
	return {
		hits,
		hits_by_tier: policy.hits,
		stale,
		misses: policy.misses,
		collapsed: policy.collapsed,
		bypasses: policy.bypasses,
		refused: policy.refused,
		hit_ratio: {
			last_minute: ratio(policy.lastMinute),
			last_15_minutes: ratio(policy.last15Minutes),
			since_start: ratio({ served: hits + stale, missed: total(policy.misses) }),
		},
		fills: {
			count: total(policy.fills),
			failed: policy.failedFills,
			p50_ms: atMost(policy.fillTimes, 0.5),
			p95_ms: atMost(policy.fillTimes, 0.95),
		},
		origin_seconds_saved: Math.round(policy.savedMs / 100) / 10,
	};
}

function describeStore({ calls, breakers, failures, purged, expired }: StoreReport) {
	const described = Object.entries(calls).map(([call, { outcomes, times }]) => [
		call,
		{
			calls: total(outcomes),
			outcomes,
			p50_ms: atMost(times, 0.5),
			p99_ms: atMost(times, 0.99),
		},
	]);
	return {
		calls: Object.fromEntries(described) as Record<
			string,
			{ calls: number; outcomes: Counts; p50_ms: number | null; p99_ms: number | null }
		>,
		breakers,
		failures,
		purged,
		expired,
	};
}

/** Null where nothing was asked: 0 would say that the cache is of no use. */
function ratio({ served, missed }: Answered): number | null {
	const asked = served + missed;
	return asked === 0 ? null : Math.round((served / asked) * 10_000) / 10_000;
}

function atMost(times: HistogramSnapshot, q: number): number | null {
	const ms = quantile(times, q);
	return ms === undefined ? null : Math.round(ms * 1000) / 1000;
}

function total(counts: Counts): number {
	return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
