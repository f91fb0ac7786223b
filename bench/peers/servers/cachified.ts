/**
 * cachified over ioredis. The adapter that its documentation names is for another client; this is the same in a few
 * lines. Runs for the same key are always made one.
 */
import { type Cache, type CacheEntry, cachified, totalTtl } from "@epic-web/cachified";
import { Redis } from "ioredis";
import { redisAddress, servePeer, TTL_S } from "../hono-peer.ts";

const redis = new Redis(redisAddress);

const cache: Cache = {
	name: "ioredis",
	async get(key) {
		const known = await redis.get(key);
		return known === null ? null : (JSON.parse(known) as CacheEntry);
	},
	async set(key, entry) {
		const ttl = totalTtl(entry.metadata);
		const text = JSON.stringify(entry);
		if (ttl > 0 && ttl < Number.POSITIVE_INFINITY) {
			await redis.set(key, text, "EXAT", Math.ceil((ttl + entry.metadata.createdTime) / 1000));
		} else await redis.set(key, text);
	},
	delete: (key) => redis.del(key),
};

servePeer((key, getFreshValue) => cachified({ key, cache, getFreshValue, ttl: TTL_S * 1000 }));
