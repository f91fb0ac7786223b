import type { StoreUsage } from "../../cache/index.ts";
import type { CacheReport } from "../cache-report.ts";
import { counter, countsOf, type Family, gauge, histogram, namesIn } from "./family.ts";
import { FAILURE_CAUSES, STORE_OPERATIONS, STORE_OUTCOMES } from "./words.ts";

export interface StoreSource {
	readonly cache: CacheReport;
	/** Undefined where the store cannot tell now. */
	readonly usage: StoreUsage | undefined;
	/** Undefined where there is nothing to be connected to. */
	readonly connected: boolean | undefined;
}

/** How the cache's store is doing. `stores`: the names of those that have a breaker. */
export function storeFamilies(stores: readonly string[]): Family<StoreSource>[] {
	const calls = Object.keys(STORE_OUTCOMES);
	const outcomes: Readonly<Record<string, readonly string[]>> = STORE_OUTCOMES;
	return [
		counter("retyn_store_calls_total", "Calls to the store, by what came of them.", ({ cache }) =>
			namesIn(calls, cache.store.calls).flatMap((call) =>
				countsOf(outcomes[call] ?? [], cache.store.calls[call]?.outcomes ?? {}, (outcome) => ({
					call,
					outcome,
				})),
			),
		),
		histogram("retyn_store_call_duration_seconds", "How long a call to the store took.", ({ cache }) =>
			namesIn(calls, cache.store.calls).map((call) => [{ call }, cache.store.calls[call]?.times]),
		),
		counter("retyn_store_failures_total", "What the cache could not do for want of its store.", ({ cache }) =>
			namesIn(STORE_OPERATIONS, cache.store.failures).flatMap((operation) =>
				countsOf(FAILURE_CAUSES, cache.store.failures[operation] ?? {}, (cause) => ({ operation, cause })),
			),
		),
		{
			name: "retyn_store_breaker_open",
			help: "1 while the store is left alone because it did not answer.",
			type: "gauge",
			samples: ({ cache }) =>
				namesIn(stores, cache.store.breakers).map((store) => ({
					labels: { store },
					value: cache.store.breakers[store]?.open ?? 0,
				})),
		},
		counter("retyn_store_breaker_openings_total", "How often the store was given up on.", ({ cache }) =>
			namesIn(stores, cache.store.breakers).map((store) => ({
				labels: { store },
				value: cache.store.breakers[store]?.openings ?? 0,
			})),
		),
		gauge("retyn_store_connected", "1 while there is a connection to the store.", ({ connected }) =>
			connected === undefined ? undefined : Number(connected),
		),
		gauge("retyn_store_memory_used_bytes", "What the store takes up, by its own count.", ({ usage }) => {
			return usage?.usedBytes;
		}),
		gauge(
			"retyn_store_memory_max_bytes",
			"What the store may take up; absent without a bound.",
			({ usage }) => {
				return usage?.maxBytes;
			},
		),
		counter("retyn_store_evictions_total", "Entries that the store dropped for want of room.", ({ usage }) =>
			usage ? [{ value: usage.evictions }] : [],
		),
		gauge("retyn_store_entries", "What the store holds, by its own count.", ({ usage }) => usage?.entries),
	];
}
