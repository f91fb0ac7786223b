import type { Cluster, Redis } from "ioredis";
import {
	countable,
	type PopularityCounter,
	type PopularityOptions,
	resolvePopularity,
} from "./popularity.ts";
import { defineScript } from "./stores/redis-scripts.ts";

export interface RedisPopularityOptions extends PopularityOptions {
	client: Redis | Cluster;
	/** Those who count under the same name count together. */
	name: string;
}

/** What nobody adds to fades away. */
const TTL_MS = 7 * 24 * 60 * 60 * 1000;
/** More in one step would keep other clients waiting. */
const COUNTS_AT_ONCE = 500;

/**
 * Counts in a sorted set that all instances share. Whoever adds first after a half-life halves all, in the same step; the
 * time is the server's, so no clocks have to agree. Rejects when Redis does: a count that is lost matters to nobody.
 *
 * @throws {TypeError} on nonsense
 */
export function createRedisPopularity(options: RedisPopularityOptions): PopularityCounter {
	const { name } = options;
	if (!/^[a-z][a-z0-9_-]*$/.test(name)) {
		throw new TypeError("A popularity counter's name must be lower case letters, digits, - and _");
	}
	const { halfLifeMs, keep } = resolvePopularity(options);
	// The two have the same commands; their types differ in what is not used here.
	const client = options.client as Redis;
	const add = defineScript(client, "popular", ADD);
	const { counts: countsKey, halvedAt } = popularityKeys(name);

	return {
		async add(counts) {
			const pairs = countable(counts);
			for (let index = 0; index < pairs.length; index += COUNTS_AT_ONCE) {
				const some = pairs.slice(index, index + COUNTS_AT_ONCE).flat();
				await add([countsKey, halvedAt], [halfLifeMs, keep, TTL_MS, ...some]);
			}
		},
		async top(count) {
			return count > 0 ? client.zrevrange(countsKey, 0, Math.ceil(count) - 1) : [];
		},
	};
}

/** In one slot of a cluster, as one script changes both. */
export function popularityKeys(name: string): { counts: string; halvedAt: string } {
	return { counts: `state:popular:{${name}}`, halvedAt: `state:popular:{${name}}:halved` };
}

/**
 * An instant that lies in the future, as the clock was set back, is brought back by whole half-lives, and nothing halved.
 *
 * KEYS counts, instant of the last halving. ARGV half-life in ms, most members, both keys' time in ms; text, count...
 */
const ADD = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local halved = tonumber(redis.call('GET', KEYS[2]) or now)
if not halved then halved = now end
local passed = math.floor((now - halved) / ARGV[1])
if passed > 0 then
	redis.call('ZUNIONSTORE', KEYS[1], 1, KEYS[1], 'WEIGHTS', string.format('%.17g', 0.5 ^ passed))
end
redis.call('SET', KEYS[2], string.format('%.0f', halved + passed * ARGV[1]), 'PX', ARGV[3])
for index = 4, #ARGV, 2 do redis.call('ZINCRBY', KEYS[1], ARGV[index + 1], ARGV[index]) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(ARGV[2] + 1))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return passed`;
