import type { Cluster, Redis } from "ioredis";
import type { CacheStore } from "../store.ts";
import { batchedReads } from "./redis-batch.ts";
import { redisCoordination } from "./redis-coordination.ts";
import { entryKey, sameBytes } from "./redis-keys.ts";
import { explainingFailures } from "./redis-link.ts";

export interface RedisStoreOptions {
	/** A client made by `connectRedis`, or one with the same care about deadlines and queues. */
	client: Redis | Cluster;
	/** Tells with each entry how long Redis will keep it: one more command in the same round trip. Default false. */
	withRemaining?: boolean;
}

/** Keeps entries in Redis 7 or later, a server, a Sentinel set or a cluster, shared by all processes. */
export function createRedisStore({ client: given, withRemaining = false }: RedisStoreOptions): CacheStore {
	const { isCluster } = given;
	// The two have the same commands; their types differ in what the store does not use.
	const client = given as Redis;
	const reads = batchedReads(client, isCluster);

	const store: CacheStore = {
		name: "redis",
		async get(key) {
			if (!withRemaining) {
				const value = await reads.value(entryKey(key));
				return value ? { value } : undefined;
			}
			const [value, remainingMs] = await reads.valueAndRemaining(entryKey(key));
			return value ? { value, ...(remainingMs > 0 && { remainingMs }) } : undefined;
		},
		async set(key, value, ttlMs) {
			await client.set(entryKey(key), sameBytes(value), "PX", ttlMs);
		},
		async delete(key) {
			return (await client.unlink(entryKey(key))) > 0;
		},
		coordination: redisCoordination(client, isCluster, reads),
	};
	return explainingFailures(client, store);
}
