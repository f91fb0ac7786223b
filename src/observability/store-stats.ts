import type { CacheEvent } from "../cache/index.ts";
import type { RemovalReport, StoreReport } from "./cache-report.ts";
import { type Counter, createCounter } from "./counter.ts";
import { createHistogram, type Histogram } from "./histogram.ts";

/** The events that belong to no policy. */
export type StoreEvent = Exclude<CacheEvent, { policy: string }>;

/** Counts what is asked of the store, and how it is doing. */
export interface StoreStats {
	hear(event: StoreEvent): void;
	observe(call: string, tookMs: number, outcome: string): void;
	report(): StoreReport;
}

export function createStoreStats(): StoreStats {
	const calls = new Map<string, { outcomes: Counter; times: Histogram }>();
	const breakers = new Map<string, { open: number; openings: number }>();
	const failures = new Map<string, Counter>();
	const removed = {
		purged: { events: 0, tags: 0, keys: 0 },
		expired: { events: 0, tags: 0, keys: 0 },
	} satisfies Record<string, RemovalReport>;

	return {
		hear(event) {
			switch (event.type) {
				case "purged":
				case "expired": {
					const counts = removed[event.type];
					counts.events += 1;
					counts.tags += event.tags.length;
					counts.keys += event.keys;
					return;
				}
				case "store-failed":
					return known(failures, event.operation, createCounter).add(event.cause);
				case "breaker": {
					const breaker = known(breakers, event.store, () => ({ open: 0, openings: 0 }));
					breaker.open = event.state === "opened" ? 1 : 0;
					breaker.openings += breaker.open;
					return;
				}
			}
		},
		observe(call, tookMs, outcome) {
			const counts = known(calls, call, createCallStats);
			counts.outcomes.add(outcome);
			counts.times.observe(tookMs);
		},
		report: () => ({
			calls: mapped(calls, ({ outcomes, times }) => ({
				outcomes: outcomes.counts(),
				times: times.snapshot(),
			})),
			breakers: mapped(breakers, (breaker) => ({ ...breaker })),
			failures: mapped(failures, (counter) => counter.counts()),
			purged: { ...removed.purged },
			expired: { ...removed.expired },
		}),
	};
}

function createCallStats(): { outcomes: Counter; times: Histogram } {
	return { outcomes: createCounter(), times: createHistogram() };
}

function known<V>(map: Map<string, V>, name: string, make: () => V): V {
	const found = map.get(name);
	if (found !== undefined) return found;
	const made = make();
	map.set(name, made);
	return made;
}

function mapped<V, R>(map: ReadonlyMap<string, V>, change: (value: V) => R): Record<string, R> {
	return Object.fromEntries([...map].map(([name, value]) => [name, change(value)]));
}
