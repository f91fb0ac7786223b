import type { Cluster, Redis } from "ioredis";
import type { CacheStore, ReadTogether, StoreHit } from "../store.ts";
import { batchedReads } from "./redis-batch.ts";
import { createMark, redisCoordination } from "./redis-coordination.ts";
import { redisInspection } from "./redis-inspection.ts";
import { entryKey, sameBytes, tagKey } from "./redis-keys.ts";
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
				return hitOf(value);
			}
			const [value, remainingMs] = await reads.valueAndRemaining(entryKey(key));
			return hitOf(value, remainingMs);
		},
		async set(key, value, ttlMs) {
			await client.set(entryKey(key), sameBytes(value), "PX", ttlMs);
		},
		async delete(key) {
			return (await client.unlink(entryKey(key))) > 0;
		},
		coordination: {
			...redisCoordination(client, isCluster, reads),
			// On a cluster one node that fails would fail the reads of all others.
			...(!isCluster && { readTogether }),
		},
		inspection: redisInspection(given),
	};
	return explainingFailures(client, store);

	async function readTogether(keys: readonly string[], tags: readonly string[]): Promise<ReadTogether> {
		const entries = keys.map(entryKey);
		const [values, remaining] = await Promise.all([
			reads.allValues([...entries, ...tags.map(tagKey)]),
			withRemaining ? reads.allRemaining(entries) : undefined,
		]);
		const marks = tags.map(
			(tag, index) => values[keys.length + index]?.toString() ?? createMark(client, tag).catch(asError),
		);
		return {
			hits: keys.map((_, index) => hitOf(values[index] ?? null, remaining?.[index])),
			marks: await Promise.all(marks),
		};
	}
}

function asError(error: unknown): Error {
	return error instanceof Error ? error : new Error(String(error));
}

function hitOf(value: Buffer | null, remainingMs = 0): StoreHit | undefined {
	return value ? { value, ...(remainingMs > 0 && { remainingMs }) } : undefined;
}
