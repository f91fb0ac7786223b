import { once } from "node:events";
import { createRedisStore, guarded } from "../cache/index.ts";
import { connectRedis } from "../cache/redis.ts";
import type { Config } from "../config.ts";

const PATIENCE_MS = 3_000;

/**
 * Voids the entries in Redis that carry one of the tags, for when no server is running that would do it. Answers at
 * once where Redis is switched off.
 *
 * @returns what the person at the terminal should know, or undefined when there is nothing to say
 */
export async function purgeRedis(
	tags: readonly string[],
	redis: Config["redis"],
): Promise<string | undefined> {
	if (!redis.enabled || tags.length === 0) return undefined;
	const client = connectRedis(redis);
	try {
		await once(client, "ready", { signal: AbortSignal.timeout(PATIENCE_MS) });
		const store = guarded(createRedisStore({ client }), { deadlineMs: PATIENCE_MS });
		await store.coordination?.invalidate(tags);
		return undefined;
	} catch {
		return "Redis could not be told; running servers will tell it. With none running, it may hold old answers for up to an hour.";
	} finally {
		client.disconnect();
	}
}
