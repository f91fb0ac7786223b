import {
	type Bus,
	type CacheListener,
	type CacheStore,
	createMemoryPopularity,
	createMemoryStore,
	createNoopStore,
	failureCause,
	isSilence,
	type PopularityCounter,
	type StoreObserver,
} from "../cache/index.ts";
import { openRedisBackend } from "../cache/redis.ts";
import type { Config } from "../config.ts";
import type { StoreState } from "../health/routes.ts";
import { createRateLimiter, type MakeLimiter } from "../http/rate-limit.ts";
import { sharedLimiter } from "../http/shared-limit.ts";
import { systemClock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { describeAddress, redisAddress } from "./redis-address.ts";

/** Where answers may come from, the nearest first. */
export function tiersOf({ redis, cache }: Config): string[] {
	return [...(cache.memoryBytes > 0 ? ["memory"] : []), ...(redis.enabled ? ["redis"] : [])];
}

export interface OpenedStore {
	store: CacheStore;
	bus?: Bus;
	/** Counts what is asked for most, for all instances that share the store. */
	counter: PopularityCounter;
	/** Limits that those who share the store keep together; absent where nobody shares it. */
	makeLimiter?: MakeLimiter;
	/** How the connection to it is, where there is one. */
	state?: () => StoreState;
	close(): Promise<unknown>;
}

export interface OpenStoreDeps {
	logger: Logger;
	listener: CacheListener;
	/** Hears of every call to Redis. */
	observe: StoreObserver;
}

/** The cache's store as configured: Redis with memory before it, memory alone, or nothing. @throws {ConfigError} */
export function openStore({ redis, cache }: Config, deps: OpenStoreDeps): OpenedStore {
	const { logger, listener, observe } = deps;
	const close = async () => {};
	if (redis.enabled) {
		let failing = false;
		let breakerOpen = false;
		const ignored = new Set<string>();
		const refusedLimits = new Set<string>();
		const backend = openRedisBackend({
			redis: redisAddress(redis),
			memoryBytes: cache.memoryBytes,
			clock: systemClock,
			listener: (event) => {
				if (event.type === "breaker") breakerOpen = event.state === "opened";
				listener(event);
			},
			deadlineMs: cache.deadlineMs,
			signingKeys: cache.signingKeys,
			observe,
			onIgnored: (why) => {
				if (ignored.has(why)) return;
				ignored.add(why);
				logger.warn({ why }, "A message of another instance was ignored, and so will others be");
			},
			onConnected: () => {
				failing = false;
				logger.info(describeAddress(redis), "Redis cache connected");
			},
			onFailed: (error) => {
				if (failing) return;
				failing = true;
				logger.warn(
					{ reason: error.message },
					"Redis cache is out of reach; answers are worked out each time",
				);
			},
		});
		const { store, bus, close } = backend;
		// While nobody asks, only the bus notices that Redis is silent: it tries its link every second.
		const state = () => ({ connected: backend.connected && bus.connected, breakerOpen });
		const makeLimiter: MakeLimiter = (name, limit) => {
			const own = createRateLimiter({ ...limit, clock: systemClock });
			return sharedLimiter(backend.allowance(name, limit), own, (error) => {
				// Of a Redis that is silent others tell.
				if (isSilence(error) || refusedLimits.has(name)) return;
				refusedLimits.add(name);
				logger.warn(
					{ limit: name, cause: failureCause(error) },
					"Redis refuses to count a limit, so each instance keeps it by itself",
				);
			});
		};
		return { store, bus, close, state, counter: backend.counter("valuations"), makeLimiter };
	}
	const counter = createMemoryPopularity({ clock: systemClock });
	if (cache.memoryBytes > 0) {
		return { store: createMemoryStore({ clock: systemClock, maxBytes: cache.memoryBytes }), close, counter };
	}
	return { store: createNoopStore(), close, counter };
}
