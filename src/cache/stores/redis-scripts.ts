import type { Redis } from "ioredis";

/**
 * What Redis does in one step. A lease is a string: the holder's token, or `!failures:status` after a failure. A script
 * writes with SET before anything else, so that a server out of memory refuses it before it has changed a thing.
 */
export interface RedisScripts {
	/** KEYS lease, entry. ARGV token, lease in ms, memory of failures in ms. */
	acquire: Script;
	/** KEYS lease, entry, marks... ARGV token, bytes, their time in ms, the marks' time in ms, captured marks... */
	commit: Script;
	/** KEYS lease. ARGV token, and to leave a failure behind: what to say of it, for how many ms. 1 if it was ours. */
	release: Script;
	/** KEYS lease, entry. How many entries there were. */
	evict: Script;
	/** KEYS mark. ARGV what replaces the part behind the generation, the mark of a tag without one, time in ms. */
	expire: Script;
}

export type Script = (
	keys: readonly string[],
	values: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/** Sent whole once for each connection and by their digest from then on, whole again if the server forgot them. */
export function redisScripts(client: Redis): RedisScripts {
	return {
		acquire: defineScript(client, "acquire", ACQUIRE),
		commit: defineScript(client, "commit", COMMIT),
		release: defineScript(client, "release", RELEASE),
		evict: defineScript(client, "evict", EVICT),
		expire: defineScript(client, "expire", EXPIRE),
	};
}

/**
 * Something else under the entry's key is removed and told of once; a lease on it could never be made good. A lease
 * without an end is not one of ours, and nobody would ever give it back.
 */
const ACQUIRE = `
local lease = redis.call('GET', KEYS[1])
local failures = 0
local left = redis.call('PTTL', KEYS[1])
if lease and lease ~= ARGV[1] and left >= 0 then
	local count, status = string.match(lease, '^!(%d+):(%d+)$')
	if not count then return {'held', left} end
	local memory = tonumber(ARGV[3])
	if left > memory then return {'failing', left - memory, tonumber(count), tonumber(status)} end
	failures = tonumber(count)
end
local entry = redis.pcall('GET', KEYS[2])
if type(entry) == 'table' and entry.err then
	redis.call('UNLINK', KEYS[2])
	return entry
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {'won', failures, redis.call('PTTL', KEYS[2]), entry}`;

const COMMIT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lease-lost' end
for index = 3, #KEYS do
	if redis.call('GET', KEYS[index]) ~= ARGV[index + 2] then
		redis.call('DEL', KEYS[1])
		return 'invalidated'
	end
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
for index = 3, #KEYS do redis.call('PEXPIRE', KEYS[index], ARGV[4]) end
redis.call('DEL', KEYS[1])
return 'stored'`;

const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] then
	redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else
	redis.call('DEL', KEYS[1])
end
return 1`;

const EVICT = `
redis.call('DEL', KEYS[1])
return redis.call('UNLINK', KEYS[2])`;

const EXPIRE = `
local mark = redis.call('GET', KEYS[1])
local generation = mark and string.match(mark, '^([^/]+)/')
redis.call('SET', KEYS[1], generation and generation .. ARGV[1] or ARGV[2], 'PX', ARGV[3])
return 1`;

/** The colon keeps the name apart from every command and from whatever else the client's owner defines on it. */
export function defineScript(client: Redis, name: string, lua: string): Script {
	client.defineCommand(`cache:${name}`, { lua });
	const defined = (client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[
		`cache:${name}Buffer`
	];
	return (keys, values) =>
		defined?.call(client, keys.length, ...keys, ...values) ??
		Promise.reject(new Error(`${name} is not defined`));
}
