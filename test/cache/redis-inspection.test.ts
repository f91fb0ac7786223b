import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { failureCause } from "../../src/cache/failure.ts";
import { connectRedis } from "../../src/cache/redis.ts";
import type { Inspection } from "../../src/cache/store.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { bytes } from "./store-under-test.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";
import { namesIn } from "./support/walk.ts";

let redis: TestRedis;
let client: Redis;
let inspection: Inspection;

beforeAll(async () => {
	redis = await createTestRedis();
	// Not one of those with deadlines: nothing here is about them.
	client = new Redis(redis.port, { disconnectTimeout: 100 });
	inspection = createRedisStore({ client }).inspection as Inspection;
});
afterAll(async () => {
	client.disconnect();
	await redis.stop();
});
beforeEach(async () => {
	await client.flushdb();
});

describe("looking into Redis", () => {
	test("sees no more than entries", async () => {
		await client.mset("tag:x", "mark", "lease:{k:1}", "token", "k:1", "ours", "raw{braces}", "foreign");
		await client.zadd("state:popular:{asked}", 1, "text");
		await client.hset("k:hash", "field", "value");
		await client.sadd("k:set", "member");
		expect(await namesIn(inspection, "")).toEqual(["k:1"]);
		expect(await namesIn(inspection, "k:")).toEqual(["k:1"]);
	});

	test("finds nothing where something else than bytes is, and the rest all the same", async () => {
		await client.hset("k:hash", "field", "value");
		await client.set("k:1", "forever");
		const found = await inspection.peek(["k:hash", "k:1", "k:none"], 3);
		expect(found).toEqual([undefined, { bytes: 7, head: Buffer.from("for") }, undefined]);
	});

	test("gives a page up after some steps where there is next to nothing to find, and finds it in the end", async () => {
		const fill =
			"for i = 1, 1000 do redis.call('SET', 'many:' .. (ARGV[1] * 1000 + i), 'x', 'PX', 60000) end";
		for (let part = 0; part < 30; part += 1) await client.eval(fill, 0, part);
		await client.set("rare:1", "x", "PX", 60_000);
		await client.config("RESETSTAT");
		const { cursor } = await inspection.list("rare:", { limit: 10 });
		expect(cursor).toBeDefined();
		const scans = Number(/cmdstat_scan:calls=(\d+)/.exec(await client.info("commandstats"))?.[1]);
		expect(scans).toBeWithin(1, 21);
		expect(await namesIn(inspection, "rare:", 10)).toEqual(["rare:1"]);
	});

	test("asks for what it wants to know of many keys in one go", async () => {
		const keys = Array.from({ length: 100 }, (_, index) => `k:${index}`);
		await Promise.all(keys.map((key) => client.set(key, key, "PX", 60_000)));
		await client.config("RESETSTAT");
		const found = await inspection.peek(keys, 3);
		expect(found.map((peeked) => peeked?.bytes)).toEqual(keys.map((key) => key.length));
		const stats = await client.info("commandstats");
		const called = Array.from(stats.matchAll(/cmdstat_([a-z]+):calls=(\d+)/g), ([, name, calls]) => [
			name,
			calls,
		]);
		expect(Object.fromEntries(called)).toMatchObject({ strlen: "100", getrange: "100", pttl: "100" });
	});

	test("tells how full it is, and what had to go", async () => {
		const roomy = await inspection.usage();
		expect(roomy).not.toHaveProperty("maxBytes");
		expect(roomy).toMatchObject({ evictions: 0, entries: 0 });
		const maxBytes = roomy.usedBytes + 1024 * 1024;
		await client.config("SET", "maxmemory-policy", "allkeys-lru");
		await client.config("SET", "maxmemory", maxBytes);
		for (let index = 0; index < 40; index += 1)
			await client.set(`k:${index}`, Buffer.alloc(100_000), "PX", 60_000);
		const full = await inspection.usage();
		await client.config("SET", "maxmemory", 0);
		expect(full.maxBytes).toBe(maxBytes);
		expect(full.evictions).toBeGreaterThan(20);
		expect(full.entries).toBe(40 - full.evictions);
		expect(full.usedBytes).toBeWithin(roomy.usedBytes, maxBytes + 200_000);
	});

	test("rejects while Redis is out of reach, and says why", async () => {
		const other = await createTestRedis({ started: false });
		const lost = connectRedis({ host: "127.0.0.1", port: other.port });
		const { list, peek, usage } = createRedisStore({ client: lost }).inspection as Inspection;
		for (const ask of [() => list("", { limit: 1 }), () => peek(["k"], 1), () => usage()]) {
			expect(await ask().then(() => "none", failureCause)).toBe("connection");
		}
		lost.disconnect();
		await other.stop();
	});
});

test("names are those of the store, however Redis knows them", async () => {
	const store = createRedisStore({ client });
	await store.set("k:{50%}", bytes("x"), 60_000);
	expect(await client.keys("*")).toEqual(["k:%7B50%25%7D"]);
	expect(await namesIn(inspection, "k:{5")).toEqual(["k:{50%}"]);
	expect((await inspection.peek(["k:{50%}"], 9))[0]?.bytes).toBe(1);
});
