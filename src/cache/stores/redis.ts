import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { CacheStore } from "../store.ts";

export interface RedisStoreOptions {
	/** A client made by `connectRedis`, or one with the same care about deadlines and queues. */
	client: Redis;
}

/** A tag that nobody asks for fades away, as entries do; longer than any entry lives. */
const TAG_TTL_MS = 7 * 24 * 60 * 60 * 1000;

/** Keeps entries in Redis, shared by all processes. Needs Redis 7 (SET with NX and GET together). */
export function createRedisStore({ client }: RedisStoreOptions): CacheStore {
	return {
		name: "redis",
		async get(key) {
			const value = await client.getBuffer(key);
			return value ? { value } : undefined;
		},
		async set(key, value, ttlMs) {
			await client.set(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength), "PX", ttlMs);
		},
		async delete(key) {
			return (await client.unlink(key)) > 0;
		},
		coordination: {
			async generations(tags) {
				if (tags.length === 0) return [];
				const known = await client.mget(tags.map(tagKey));
				return Promise.all(tags.map((tag, index) => known[index] ?? createGeneration(client, tag)));
			},
			async invalidate(tags) {
				await Promise.all(tags.map((tag) => client.set(tagKey(tag), randomUUID(), "PX", TAG_TTL_MS)));
			},
		},
	};
}

/** Of several processes that create one tag's generation together, the first one's counts for all. */
async function createGeneration(client: Redis, tag: string): Promise<string> {
	const created = randomUUID();
	const earlier = await client.set(tagKey(tag), created, "PX", TAG_TTL_MS, "NX", "GET");
	return earlier ?? created;
}

function tagKey(tag: string): string {
	return `tag:${tag}`;
}
