import { type Metric, Registry } from "prom-client";
import type { StoreUsage } from "../cache/index.ts";
import { within } from "../lib/within.ts";
import type { CacheStats } from "./cache-stats.ts";
import { type CacheNames, type CacheSource, cacheFamilies } from "./metrics/cache-families.ts";
import type { Family } from "./metrics/family.ts";
import { type InstanceSource, type InstanceState, instanceFamilies } from "./metrics/instance-families.ts";
import { addProcessMetrics } from "./metrics/process-metrics.ts";
import { type QuerySource, queryFamilies } from "./metrics/query-families.ts";
import { type RequestSource, requestFamilies } from "./metrics/request-families.ts";
import { type StoreSource, storeFamilies } from "./metrics/store-families.ts";
import type { QueryStats } from "./query-stats.ts";
import type { RequestStats } from "./request-stats.ts";
import type { ValuationStats } from "./valuation-stats.ts";

export type { InstanceState } from "./metrics/instance-families.ts";

export interface MetricsDeps extends CacheNames {
	stats: Pick<CacheStats, "report">;
	requests: Pick<RequestStats, "report">;
	queries: Pick<QueryStats, "report">;
	valuations: Pick<ValuationStats, "report">;
	/** Names of the stores that have a breaker. */
	stores: readonly string[];
	/** How full the store is; what does not answer within half a second, or rejects, is left out. */
	usage?: (() => Promise<StoreUsage>) | undefined;
	/** Undefined where there is nothing to be connected to. */
	connected?: (() => boolean | undefined) | undefined;
	/** How the instance is; each is left out by itself where it rejects or takes longer than 2 seconds. */
	state?: { readonly [K in keyof InstanceState]?: () => InstanceState[K] | Promise<InstanceState[K]> };
}

export interface Metrics {
	readonly contentType: string;
	/** Everything that is counted, as Prometheus reads it. Never rejects for want of the store or the database. */
	text(): Promise<string>;
}

type Source = CacheSource & StoreSource & RequestSource & QuerySource & InstanceSource;

const USAGE_WITHIN_MS = 500;
const STATE_WITHIN_MS = 2_000;

/** Nothing is worked out before somebody asks: counting costs what the counters cost, and no more. */
export function createMetrics(deps: MetricsDeps): Metrics {
	const registry = new Registry();
	let source: Source | undefined;
	const families: Family<Source>[] = [
		...requestFamilies,
		...cacheFamilies(deps),
		...storeFamilies(deps.stores),
		...queryFamilies,
		...instanceFamilies,
	];
	for (const { name, help, type, samples } of families) {
		// All that the registry asks of a metric is its name and what `get` gives.
		const get = async () => ({ name, help, type, values: source ? samples(source) : [] });
		registry.registerMetric({ name, help, type, get } as unknown as Metric);
	}
	addProcessMetrics(registry);

	return {
		contentType: registry.contentType,
		async text() {
			const [usage, state] = await Promise.all([
				soon(USAGE_WITHIN_MS, deps.usage),
				stateOf(deps.state ?? {}),
			]);
			source = {
				cache: deps.stats.report(),
				requests: deps.requests.report(),
				queries: deps.queries.report(),
				valuations: deps.valuations.report(),
				connected: deps.connected?.(),
				usage,
				state,
			};
			return registry.metrics();
		},
	};
}

async function stateOf(asked: NonNullable<MetricsDeps["state"]>): Promise<InstanceState> {
	const answers = Object.entries(asked).map(async ([name, ask]) => [
		name,
		await soon<unknown>(STATE_WITHIN_MS, ask),
	]);
	return Object.fromEntries(await Promise.all(answers));
}

/** Figures that are late, or cannot be had, are missing from the rest, which is there all the same. */
async function soon<T>(ms: number, ask: (() => T | Promise<T>) | undefined): Promise<T | undefined> {
	try {
		return ask && (await within(ms, Promise.resolve(ask())));
	} catch {
		return undefined;
	}
}
