/**
 * async-cache-dedupe over Redis; calls for the same key are always made one. Without `stale`, which is off by default,
 * and which would cost every hit a second question to Redis.
 */
import { createCache } from "async-cache-dedupe";
import { Redis } from "ioredis";
import { type Make, redisAddress, servePeer, TTL_S } from "../hono-peer.ts";

interface Question {
	readonly key: string;
	readonly make: Make;
}

const cache = createCache({
	ttl: TTL_S,
	storage: { type: "redis", options: { client: new Redis(redisAddress) } },
}).define("text", { serialize: ({ key }: Question) => key }, async ({ make }: Question) => make());

servePeer((key, make) => cache.text({ key, make }));
