import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import { connectRedis } from "../../src/cache/redis.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { compareMarks } from "../../src/cache/tags.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";

type Coordinated = CacheStore & Required<Pick<CacheStore, "coordination">>;

let redis: TestRedis;
let client: Redis;
let store: Coordinated;

beforeAll(async () => {
	redis = await createTestRedis();
	client = await connected();
	store = createRedisStore({ client }) as Coordinated;
});
afterAll(async () => {
	client.disconnect();
	await redis.stop();
});
beforeEach(async () => {
	await client.flushdb();
	await client.config("RESETSTAT");
});

describe("reads of one turn", () => {
	test("45: of an entry and the marks of its tags are one command", async () => {
		await store.set("k:1", bytes("value"), 60_000);
		await store.coordination.generations(["a", "b", "*"]);
		await client.config("RESETSTAT");
		const [hit, marks] = await Promise.all([
			store.get("k:1"),
			store.coordination.generations(["a", "b", "*"]),
		]);
		expect(Buffer.from(hit?.value ?? []).toString()).toBe("value");
		expect(marks.length).toBe(3);
		expect(await calls()).toEqual({ mget: 1 });
	});

	test("are one command for fifty requests, each key asked for once", async () => {
		await store.set("hot", bytes("hot"), 60_000);
		await client.config("RESETSTAT");
		const reads = Array.from({ length: 50 }, (_, index) => [store.get("hot"), store.get(`k:${index % 10}`)]);
		const found = await Promise.all(reads.flat());
		expect(found.filter(Boolean).length).toBe(50);
		expect(await calls()).toEqual({ mget: 1 });
		expect(await keysRead(() => Promise.all([store.get("hot"), store.get("hot"), store.get("k:1")]))).toBe(2);
	});

	test("that are very many go out in commands of bounded size", async () => {
		await Promise.all(Array.from({ length: 200 }, (_, index) => store.get(`k:${index}`)));
		expect(await calls()).toEqual({ mget: 4 });
	});

	test("44: ask for the remaining time in the same turn where it is wanted, of entries only", async () => {
		const telling = createRedisStore({ client, withRemaining: true }) as Coordinated;
		await telling.set("k:1", bytes("value"), 60_000);
		await telling.coordination.generations(["a"]);
		await client.pexpire("k:1", 30_000);
		await client.config("RESETSTAT");
		const [hit] = await Promise.all([telling.get("k:1"), telling.coordination.generations(["a"])]);
		expect(hit?.remainingMs).toBeWithin(25_000, 30_001);
		expect(await calls()).toEqual({ mget: 1, pttl: 1 });
		expect(await telling.get("k:2")).toBeUndefined();
	});

	test("give a foreign key without a time to live no remaining time", async () => {
		const telling = createRedisStore({ client, withRemaining: true });
		await client.set("k:1", "value");
		expect(await telling.get("k:1")).toEqual({ value: Buffer.from("value") });
	});
});

describe("what is kept in Redis", () => {
	test("41: leaves no key without a time to live behind", async () => {
		const { coordination } = store;
		await store.set("k:1", bytes("value"), 60_000);
		await coordination.invalidate(["b", "c"], "purge");
		await coordination.invalidate(["a", "d"], "expire");
		const [mark] = (await coordination.generations(["a", "b"])) as [string, string];
		await coordination.acquire("k:2", "one", 10_000);
		await coordination.commit("k:2", bytes("x"), 60_000, { token: "one", generations: { a: mark } });
		await coordination.acquire("k:3", "two", 10_000);
		await coordination.release("k:3", "two", { status: 500, failures: 1, retryInMs: 100 });
		await coordination.acquire("k:4", "three", 10_000);
		await coordination.evict("k:1");
		const keys = await client.keys("*");
		const leases = ["lease:{k:3}", "lease:{k:4}"];
		expect(keys.sort()).toEqual(["k:2", ...leases, "tag:a", "tag:b", "tag:c", "tag:d"]);
		expect(await Promise.all(keys.map((key) => client.pttl(key)))).not.toContain(-1);
	});

	test("41: marks live on for as long as entries are stored under them", async () => {
		const { coordination } = store;
		const [mark] = await coordination.generations(["a"]);
		await client.pexpire("tag:a", 1_000);
		await coordination.acquire("k:1", "one", 10_000);
		const held = { token: "one", generations: { a: mark as string } };
		expect(await coordination.commit("k:1", bytes("x"), 60_000, held)).toBe("stored");
		expect(await client.pttl("tag:a")).toBeGreaterThan(6 * 24 * 60 * 60 * 1000);
	});

	test("41: a mark that ran out, was deleted or overwritten never matches what was stored under it", async () => {
		const { coordination } = store;
		const losses: ((key: string) => Promise<unknown>)[] = [
			(key) => client.pexpire(key, 1).then(() => Bun.sleep(5)),
			(key) => client.del(key),
			(key) => client.set(key, "something else"),
			(key) => client.set(key, ""),
		];
		for (const [index, lose] of losses.entries()) {
			const tag = `lost-${index}`;
			const [before] = await coordination.generations([tag]);
			await lose(`tag:${tag}`);
			const [after] = await coordination.generations([tag]);
			expect(compareMarks(before, after as string)).toBe("purged");
		}
	});

	test("21: is readable under the entry's own name", async () => {
		await store.set("areas:0123456789abcdef", bytes("header\nbody"), 60_000);
		expect(await client.get("areas:0123456789abcdef")).toBe("header\nbody");
	});

	test("40: 100,000 entries are purged by one command that touches none of them", async () => {
		const { coordination } = store;
		const [before] = await coordination.generations(["prefix:users:"]);
		const fill =
			"for i = 1, 5000 do redis.call('SET', 'users:' .. (ARGV[1] * 5000 + i), 'x', 'PX', 60000) end";
		for (let part = 0; part < 20; part += 1) await client.eval(fill, 0, part);
		expect(await client.dbsize()).toBeGreaterThanOrEqual(100_000);
		await client.config("RESETSTAT");
		await coordination.invalidate(["prefix:users:"], "purge");
		expect(await calls()).toEqual({ set: 1 });
		const [after] = await coordination.generations(["prefix:users:"]);
		expect(compareMarks(before, after as string)).toBe("purged");
	});
});

describe("scripts", () => {
	test("37: are sent again to a server that has forgotten them", async () => {
		await store.coordination.acquire("k:1", "one", 10_000);
		await client.script("FLUSH");
		expect((await store.coordination.acquire("k:2", "one", 10_000)).state).toBe("won");
	});

	test("of two stores on one client do not get in each other's way", async () => {
		const second = createRedisStore({ client }) as Coordinated;
		expect((await second.coordination.acquire("k:1", "one", 10_000)).state).toBe("won");
		expect((await store.coordination.acquire("k:1", "two", 10_000)).state).toBe("held");
	});

	test("25: an order that was written before a freeze and is carried out after it is refused", async () => {
		const { coordination } = store;
		await coordination.acquire("k:1", "one", 100);
		const patient = await connected(5_000);
		const slow = createRedisStore({ client: patient }) as Coordinated;
		await slow.get("warm");
		redis.freeze();
		const late = slow.coordination.commit("k:1", bytes("late"), 60_000, { token: "one", generations: {} });
		await Bun.sleep(150);
		redis.thaw();
		expect(await late).toBe("lease-lost");
		expect(await textAt(store, "k:1")).toBeUndefined();
		patient.disconnect();
	});
});

async function connected(commandTimeoutMs = 1_000): Promise<Redis> {
	const made = connectRedis({ host: "127.0.0.1", port: redis.port, commandTimeoutMs });
	await eventually(() => made.status === "ready");
	return made;
}

/** How often each command was carried out since the last reset. */
async function calls(): Promise<Record<string, number>> {
	const lines = (await client.info("commandstats")).matchAll(/^cmdstat_([a-z]+):calls=(\d+)/gm);
	const counts = Object.fromEntries(Array.from(lines, ([, name, count]) => [name as string, Number(count)]));
	const { config: _config, info: _info, ...others } = counts;
	return others;
}

/** How many keys were looked up while `act` ran. */
async function keysRead(act: () => Promise<unknown>): Promise<number> {
	await client.config("RESETSTAT");
	await act();
	const stats = await client.info("stats");
	const count = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)?.[1]);
	return count("keyspace_hits") + count("keyspace_misses");
}
