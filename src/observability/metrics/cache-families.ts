import type { CacheReport, PolicyReport } from "../cache-report.ts";
import { counter, countsOf, type Family, histogram, type Labels, namesIn, type Sample } from "./family.ts";
import {
	BYPASS_REASONS,
	FILL_CAUSES,
	MISS_REASONS,
	REFUSAL_REASONS,
	REMOVALS,
	STALE_CAUSES,
} from "./words.ts";

export interface CacheSource {
	readonly cache: CacheReport;
}

/** What is there from the start. */
export interface CacheNames {
	/** Names of policies. */
	readonly policies: readonly string[];
	/** Names of the tiers that answers come from, the nearest first. */
	readonly tiers: readonly string[];
}

/** What the cache did, by policy. */
export function cacheFamilies({ policies, tiers }: CacheNames): Family<CacheSource>[] {
	function byPolicy(of: (policy: PolicyReport | undefined, label: Labels) => readonly Sample[]) {
		return ({ cache }: CacheSource) =>
			namesIn(policies, cache.policies).flatMap((policy) => of(cache.policies[policy], { policy }));
	}

	function counted(
		counts: (policy: PolicyReport) => Readonly<Record<string, number>>,
		label: string,
		words: readonly string[],
	) {
		return byPolicy((policy, labels) =>
			countsOf(words, policy ? counts(policy) : {}, (word) => ({ ...labels, [label]: word })),
		);
	}

	return [
		counter(
			"retyn_cache_hits_total",
			"Answers given from the cache.",
			counted(({ hits }) => hits, "tier", tiers),
		),
		counter(
			"retyn_cache_stale_total",
			"Answers past their time that were given: while they were refreshed, or because filling failed.",
			counted(({ stale }) => stale, "because", STALE_CAUSES),
		),
		counter(
			"retyn_cache_misses_total",
			"Requests that the cache had no answer for, by why.",
			counted(({ misses }) => misses, "reason", MISS_REASONS),
		),
		counter(
			"retyn_cache_bypasses_total",
			"Requests that the cache was not asked for, by why.",
			counted(({ bypasses }) => bypasses, "reason", BYPASS_REASONS),
		),
		counter(
			"retyn_cache_refused_total",
			"Answers that were not stored, by why.",
			counted(({ refused }) => refused, "reason", REFUSAL_REASONS),
		),
		counter(
			"retyn_cache_fills_total",
			"Answers that were worked out and stored: for somebody who waited, or behind a stale one.",
			counted(({ fills }) => fills, "by", FILL_CAUSES),
		),
		counter(
			"retyn_cache_fill_failures_total",
			"Answers that could not be worked out.",
			byPolicy((policy, labels) => [{ labels, value: policy?.failedFills ?? 0 }]),
		),
		histogram("retyn_cache_fill_duration_seconds", "How long working an answer out took.", ({ cache }) =>
			namesIn(policies, cache.policies).map((policy) => [{ policy }, cache.policies[policy]?.fillTimes]),
		),
		counter(
			"retyn_cache_origin_seconds_saved_total",
			"Seconds that it took to make the answers which were then given from the cache.",
			byPolicy((policy, labels) => [{ labels, value: (policy?.savedMs ?? 0) / 1000 }]),
		),
		counter("retyn_cache_purges_total", "Purges, and expiries by tags.", ({ cache }) =>
			REMOVALS.map((kind) => ({ labels: { kind }, value: cache.store[kind].events })),
		),
	];
}
