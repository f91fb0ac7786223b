import type { Census, StoreUsage } from "../cache/index.ts";
import { type CacheReport, describeReport, mergeReports } from "../observability/cache-stats.ts";
import { type HistogramSnapshot, quantile } from "../observability/histogram.ts";
import type { InstanceStats } from "./instance.ts";

/** A census that was taken, and when. */
export interface TakenCensus extends Census {
	/** Milliseconds since the epoch. */
	readonly at: number;
}

export interface FoundStats {
	/** The one that was asked first. */
	instances: readonly InstanceStats[];
	/** Undefined where the store did not answer. */
	census: TakenCensus | undefined;
	/** The name of the store. */
	store: string;
	/** Undefined where it did not answer. */
	usage: StoreUsage | undefined;
	/** Milliseconds since the epoch. */
	now: number;
}

export type StatsBody = ReturnType<typeof describeStats>;

/** As an operator reads it: null stands for what is not known. */
export function describeStats({ instances, census, store, usage, now }: FoundStats) {
	const report = mergeReports(instances.map((one) => one.report));
	const { since, policies, store: calls } = describeReport(report);
	const counted = Object.entries(policies).map(([name, policy]) => {
		const held = census?.policies[name];
		return [name, { ...policy, entries: held?.entries ?? null, bytes: held?.bytes ?? null }] as const;
	});
	return {
		as_of: new Date(now).toISOString(),
		since,
		policies: Object.fromEntries(counted) as Record<string, (typeof counted)[number][1]>,
		census: census
			? {
					complete: census.complete,
					entries: census.entries,
					bytes: census.bytes,
					as_of: new Date(census.at).toISOString(),
				}
			: null,
		store: {
			name: store,
			reachable: usage !== undefined,
			used_bytes: usage?.usedBytes ?? null,
			/** Null also where it has no bound. */
			max_bytes: usage?.maxBytes ?? null,
			evictions: usage?.evictions ?? null,
			entries: usage?.entries ?? null,
			...callTimes(report),
			...calls,
		},
		instances: instances.map((one, index) => describeInstance(one, index === 0)),
	};
}

/** Of all calls to the store together; `store.calls` tells them apart. */
function callTimes({ store }: CacheReport) {
	const times = Object.values(store.calls).map((call) => call.times);
	const all = times.reduce<HistogramSnapshot>(together, { count: 0, sum: 0, buckets: {} });
	return { p50_ms: rounded(quantile(all, 0.5)), p99_ms: rounded(quantile(all, 0.99)) };
}

function together(one: HistogramSnapshot, other: HistogramSnapshot): HistogramSnapshot {
	const buckets = { ...one.buckets };
	for (const [index, count] of Object.entries(other.buckets)) buckets[index] = (buckets[index] ?? 0) + count;
	return { count: one.count + other.count, sum: one.sum + other.sum, buckets };
}

function rounded(ms: number | undefined): number | null {
	return ms === undefined ? null : Math.round(ms * 1000) / 1000;
}

function describeInstance({ instance, store, dataVersion, warming }: InstanceStats, asked: boolean) {
	return {
		id: instance.id,
		/** Whether it is the one that answered. */
		asked,
		pid: instance.pid,
		host: instance.host ?? null,
		version: instance.version ?? null,
		started_at: new Date(instance.startedAt).toISOString(),
		data_version: dataVersion ?? null,
		warming,
		store: store ? { connected: store.connected, breaker_open: store.breakerOpen } : null,
	};
}
