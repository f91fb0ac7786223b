import { createHash } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import { createBreaker } from "./breaker.ts";
import { withinMs } from "./deadline.ts";
import { StoreUnavailable } from "./failure.ts";
import { defineScript } from "./stores/redis-scripts.ts";

export interface AllowanceOptions {
	/** Sustained rate: how often one key may be taken in a minute. */
	perMinute: number;
	/** How often at once, after a pause. @default perMinute */
	burst?: number | undefined;
}

/** What may be done so often in a minute, by all processes together. */
export interface Allowance {
	/**
	 * Takes one of what `key` may. Milliseconds until it may again where nothing was left, 0 where one was taken.
	 *
	 * @throws {StoreUnavailable} in bounded time when Redis does not answer, at once while it is known not to
	 */
	take(key: string): Promise<number>;
}

export interface RedisAllowanceOptions extends AllowanceOptions {
	client: Redis | Cluster;
	/** Those who take under the same name, with the same options, share what there is. */
	name: string;
	/** Milliseconds that one call may take. */
	deadlineMs: number;
}

/**
 * The generic cell rate algorithm (ITU-T I.371) in Redis: one instant for each key, by the server's clock, so no clocks
 * have to agree. Keys are hashed, as they may name people, and are gone when nothing is used up any more.
 *
 * @throws {TypeError} on nonsense
 */
export function createRedisAllowance(options: RedisAllowanceOptions): Allowance {
	const { name, perMinute, burst = perMinute, deadlineMs } = options;
	if (!/^[a-z][a-z0-9_-]*$/.test(name)) {
		throw new TypeError("An allowance's name must be lower case letters, digits, - and _");
	}
	if (!(perMinute > 0 && burst >= 1))
		throw new TypeError("An allowance needs perMinute above 0 and burst of 1 or more");
	const intervalMs = 60_000 / perMinute;
	const toleranceMs = intervalMs * (burst - 1);
	// The two have the same commands; their types differ in what is not used here.
	const client = options.client as Redis;
	const script = defineScript(client, "allowance", TAKE);
	const breaker = createBreaker({
		now: () => performance.now(),
		probe: () => ask("probe"),
		onChange() {},
	});

	function ask(key: string): Promise<unknown> {
		return withinMs(deadlineMs, "redis", script([keyOf(name, key)], [intervalMs, toleranceMs]));
	}

	return {
		async take(key) {
			if (!breaker.admits()) throw new StoreUnavailable("redis: it does not answer", "breaker-open");
			try {
				const waitMs = Number(await ask(key));
				breaker.succeeded();
				return waitMs;
			} catch (error) {
				breaker.failed(error);
				throw error;
			}
		},
	};
}

function keyOf(name: string, key: string): string {
	return `state:allowance:${name}:${createHash("sha256").update(key).digest("base64url").slice(0, 22)}`;
}

/**
 * An instant that lies too far ahead, as the clock was set back, locks nobody out for longer than a full burst takes.
 *
 * KEYS instant at which the whole burst is free again. ARGV interval in ms, tolerance in ms.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local free = tonumber(redis.call('GET', KEYS[1]) or now) or now
free = math.min(math.max(free, now), now + ARGV[1] + ARGV[2])
local wait = free - ARGV[2] - now
if wait > 0.001 then return math.ceil(wait) end
free = free + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.3f', free), 'PX', math.ceil(free - now))
return 0`;
