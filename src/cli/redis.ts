import { openRedisBackend, type RedisBackend } from "../cache/redis.ts";
import type { readRedisConfig } from "../config.ts";
import { systemClock } from "../lib/clock.ts";
import { redisAddress } from "../server/redis-address.ts";

const PATIENCE_MS = 3_000;

/** Lets a command do something in the Redis of the servers. @throws when that is not there, or what `work` threw */
export async function withRedis(
	{ signingKeys, ...redis }: ReturnType<typeof readRedisConfig>,
	work: (backend: RedisBackend) => Promise<void>,
): Promise<void> {
	const connected = Promise.withResolvers<void>();
	const backend = openRedisBackend({
		redis: redisAddress(redis),
		memoryBytes: 0,
		clock: systemClock,
		deadlineMs: PATIENCE_MS,
		signingKeys,
		onConnected: connected.resolve,
	});
	const timer = setTimeout(() => connected.reject(new Error("Redis does not answer")), PATIENCE_MS);
	try {
		await connected.promise;
		await work(backend);
	} finally {
		clearTimeout(timer);
		await backend.close();
	}
}
