import type { CacheListener, StoreObserver } from "../cache/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { CacheReport } from "./cache-report.ts";
import { createPolicyStats, type PolicyStats } from "./policy-stats.ts";
import { createStoreStats } from "./store-stats.ts";

export type { CacheReport } from "./cache-report.ts";
export { describeReport } from "./describe-report.ts";
export { mergeReports } from "./merge-reports.ts";

/** Counts what happens in the cache. A hit costs it far less than a microsecond. */
export interface CacheStats {
	readonly listener: CacheListener;
	/** For `instrumented` and `openRedisBackend`: hears of every call to the store. */
	readonly observeStore: StoreObserver;
	/** Marks the moment for what is told of the last minute and of the last 15. Call it every 5 seconds. */
	tick(): void;
	report(): CacheReport;
}

/** `policies` are there from the start, with nothing counted; others from their first event on. */
export function createCacheStats(deps: { clock: Clock; policies?: readonly string[] }): CacheStats {
	const { clock } = deps;
	const since = clock();
	const policies = new Map<string, PolicyStats>();
	const store = createStoreStats();
	for (const name of deps.policies ?? []) policies.set(name, createPolicyStats(clock));

	function statsOf(policy: string): PolicyStats {
		const known = policies.get(policy);
		if (known) return known;
		const made = createPolicyStats(clock);
		policies.set(policy, made);
		return made;
	}

	return {
		listener(event) {
			if ("policy" in event) statsOf(event.policy).hear(event);
			else store.hear(event);
		},
		observeStore: store.observe,
		tick() {
			for (const stats of policies.values()) stats.tick();
		},
		report() {
			const reports = [...policies].map(([name, stats]) => [name, stats.report()]);
			return { instances: 1, since, policies: Object.fromEntries(reports), store: store.report() };
		},
	};
}
