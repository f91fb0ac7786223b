import type { readRedisConfig } from "../config.ts";
import { withRedis } from "./redis.ts";

/**
 * Voids the entries in Redis that carry one of the tags, for when no server is running that would do it. Answers at
 * once where Redis is switched off.
 *
 * @returns what the person at the terminal should know, or undefined when there is nothing to say
 */
export async function purgeRedis(
	tags: readonly string[],
	redis: ReturnType<typeof readRedisConfig>,
): Promise<string | undefined> {
	if (!redis.enabled || tags.length === 0) return undefined;
	try {
		await withRedis(redis, async ({ store }) => store.coordination?.invalidate(tags, "purge"));
		return undefined;
	} catch {
		return "Redis could not be told; running servers will tell it. With none running, it may hold old answers for up to a day.";
	}
}
