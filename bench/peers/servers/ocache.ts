/**
 * ocache's own handler for web requests and responses, joined with Hono as its documentation shows. Answers are kept
 * in Redis as frames of bytes (`createBlobStorage`), which spares the body the JSON that a plain storage would make of it.
 */
import type { Context } from "hono";
import { Redis } from "ioredis";
import { createBlobStorage, defineCachedHandler, type HTTPEvent } from "ocache";
import { redisAddress, servePeerHandlers, TTL_S } from "../hono-peer.ts";

type HonoEvent = HTTPEvent & { context: Context };

const redis = new Redis(redisAddress);
const storage = createBlobStorage({
	get: (key) => redis.getBuffer(key),
	async set(key, value, options) {
		if (value === null) await redis.del(key);
		else if (options?.ttl) await redis.set(key, Buffer.from(value), "EX", Math.ceil(options.ttl));
		else await redis.set(key, Buffer.from(value));
	},
});

servePeerHandlers((name, handler) => {
	const cached = defineCachedHandler<HonoEvent>(({ context }) => handler(context, async () => {}), {
		name,
		storage,
		maxAge: TTL_S,
		swr: true,
		staleMaxAge: TTL_S,
	});
	return async (c) => {
		const answer = await cached({ req: c.req.raw, url: new URL(c.req.url), context: c });
		if (!(answer instanceof Response)) throw new TypeError("It makes responses of what handlers give");
		return answer;
	};
});
