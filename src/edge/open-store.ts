import type { Database } from "../../db/client.ts";
import {
	type BreakerMemory,
	type CacheStore,
	createCacheApiStore,
	createNoopStore,
	createRedisHttpStore,
	guarded,
} from "../cache/index.ts";
import { Problem } from "../http/problem.ts";
import type { Clock } from "../lib/clock.ts";
import { dataVersion, type VersionMemory } from "./data-version.ts";
import type { EdgeSettings } from "./settings.ts";

/** What is known of the store from one request to the next: plain data. */
export interface StoreMemory {
	readonly breaker: BreakerMemory;
	readonly version: VersionMemory;
}

export interface OpenEdgeStoreDeps {
	db: Database;
	clock: Clock;
	memory: StoreMemory;
}

/** Apart from the cache of the zone, whose entries are answers to addresses. */
const CACHE_NAME = "retyn-avm";
/** The platform's cache is near, but the version of the data is asked of the database, as the caller's session was. */
const WITH_VERSION_WITHIN_MS = 2_000;

/** The cache's store for one request. A store that is silent is left alone by the requests after it, too. */
export function openEdgeStore({ store, config }: EdgeSettings, deps: OpenEdgeStoreDeps): CacheStore {
	const { db, clock, memory } = deps;
	const breaker = { memory: memory.breaker };
	switch (store.kind) {
		case "none":
			return createNoopStore();
		case "redis-http":
			return guarded(createRedisHttpStore(store), { deadlineMs: config.cache.deadlineMs, breaker });
		case "cache-api": {
			const kept = createCacheApiStore({
				cache: () => caches.open(CACHE_NAME),
				version: dataVersion({ db, clock, memory: memory.version }),
				refusePurge,
			});
			return guarded(kept, { deadlineMs: WITH_VERSION_WITHIN_MS, breaker });
		}
	}
}

function refusePurge(): never {
	throw new Problem("not-offered-here", {
		detail:
			"Each data centre keeps answers for itself, and no purge reaches them all; they end after five minutes.",
	});
}
