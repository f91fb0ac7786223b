import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Cluster, Redis } from "ioredis";
import {
	createMemoryPopularity,
	type PopularityCounter,
	type PopularityOptions,
} from "../../src/cache/popularity.ts";
import { createRedisPopularity, popularityKeys } from "../../src/cache/redis-popularity.ts";
import { createTestClock } from "./support/clock.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";
import { createTestCluster, type TestCluster } from "./support/redis-cluster.ts";

const HOUR_MS = 60 * 60 * 1000;
const HALF_LIFE_MS = 6 * HOUR_MS;
/** A little more than what is told of the time, as a server's goes on by itself. */
const LITTLE_MS = 60_000;

interface CounterUnderTest {
	counter: PopularityCounter;
	/** Lets time pass for the counter. */
	pass(ms: number): Promise<void> | void;
}

let redis: TestRedis;
let client: Redis;
let cluster: TestCluster;
let clusterClient: Cluster;
let names = 0;

beforeAll(async () => {
	redis = await createTestRedis();
	client = new Redis(redis.port, { disconnectTimeout: 100 });
	cluster = await createTestCluster();
	const nodes = cluster.ports.map((port) => ({ host: "127.0.0.1", port }));
	clusterClient = new Cluster(nodes, { redisOptions: { disconnectTimeout: 100 } });
	clusterClient.on("error", () => {});
	await eventually(() => clusterClient.status === "ready");
}, 30_000);
afterAll(async () => {
	client.disconnect();
	clusterClient.disconnect();
	await Promise.all([redis.stop(), cluster.stop()]);
});

function inMemory(options?: PopularityOptions): CounterUnderTest {
	const clock = createTestClock();
	return { counter: createMemoryPopularity({ ...options, clock }), pass: (ms) => clock.advance(ms) };
}

function over(shared: () => Redis | Cluster) {
	return (options?: PopularityOptions): CounterUnderTest => {
		names += 1;
		const name = `counter-${names}`;
		return {
			counter: createRedisPopularity({ ...options, client: shared(), name }),
			pass: (ms) => age(shared(), name, ms),
		};
	};
}

/** As if the last halving had been so much longer ago. */
async function age(shared: Redis | Cluster, name: string, ms: number): Promise<void> {
	const { halvedAt } = popularityKeys(name);
	await shared.set(halvedAt, Number(await shared.get(halvedAt)) - ms, "PX", HOUR_MS);
}

const counts = (counted: Record<string, number>) => new Map(Object.entries(counted));

describe.each([
	["in memory", inMemory],
	["in Redis", over(() => client)],
	["on a cluster", over(() => clusterClient)],
])("what is asked for most, counted %s", (_, make) => {
	test("is nothing at first", async () => {
		const { counter } = make();
		expect(await counter.top(10)).toEqual([]);
		await counter.add(new Map());
		expect(await counter.top(10)).toEqual([]);
	});

	test("comes first, as far down as is wanted", async () => {
		const { counter } = make();
		await counter.add(counts({ a: 1, b: 5, c: 3 }));
		await counter.add(counts({ a: 3.5, d: 0.5 }));
		expect(await counter.top(10)).toEqual(["b", "a", "c", "d"]);
		expect(await counter.top(2)).toEqual(["b", "a"]);
		for (const none of [0, -1]) expect(await counter.top(none)).toEqual([]);
	});

	test("weighs half after each half-life, and no less before", async () => {
		const { counter, pass } = make();
		await counter.add(counts({ old: 100 }));
		await pass(HALF_LIFE_MS - LITTLE_MS);
		await counter.add(counts({ new: 60 }));
		expect(await counter.top(2)).toEqual(["old", "new"]);
		await pass(LITTLE_MS);
		// Halved: 50 and 30.
		await counter.add(counts({ third: 40 }));
		expect(await counter.top(3)).toEqual(["old", "third", "new"]);
	});

	test("makes up for half-lives in which nobody counted", async () => {
		const { counter, pass } = make();
		await counter.add(counts({ old: 800 }));
		await pass(3 * HALF_LIFE_MS + HALF_LIFE_MS / 2);
		await counter.add(counts({ above: 101, below: 99 }));
		expect(await counter.top(3)).toEqual(["above", "old", "below"]);
		// The half that was begun counts on.
		await pass(HALF_LIFE_MS / 2);
		await counter.add(counts({ newest: 50.2 }));
		expect(await counter.top(3)).toEqual(["above", "newest", "old"]);
	});

	test("has a half-life of its own choice", async () => {
		const { counter, pass } = make({ halfLifeMs: HOUR_MS });
		await counter.add(counts({ old: 4 }));
		await pass(2 * HOUR_MS);
		await counter.add(counts({ new: 2 }));
		expect(await counter.top(2)).toEqual(["new", "old"]);
	});

	test("is not confused by a time that was set back", async () => {
		const { counter, pass } = make();
		await counter.add(counts({ old: 100 }));
		await pass(-1_000 * HALF_LIFE_MS);
		await counter.add(counts({ new: 60 }));
		expect(await counter.top(2)).toEqual(["old", "new"]);
		await pass(HALF_LIFE_MS);
		await counter.add(counts({ newest: 55 }));
		expect(await counter.top(3)).toEqual(["newest", "old", "new"]);
	});

	test("is kept up to a bound, what is counted least going first", async () => {
		const { counter } = make({ keep: 3 });
		await counter.add(counts({ a: 4, b: 3, c: 2, d: 1 }));
		await counter.add(counts({ e: 2.5 }));
		expect(await counter.top(10)).toEqual(["a", "b", "e"]);
		await counter.add(counts({ d: 2 }));
		expect(await counter.top(10)).toEqual(["a", "b", "e"]);
	});

	test("may be very much at once", async () => {
		const { counter } = make();
		const many = new Map(Array.from({ length: 6_000 }, (_, index) => [`text ${index}`, index + 1]));
		await counter.add(many);
		const top = await counter.top(10_000);
		expect(top).toHaveLength(5_000);
		expect(top.slice(0, 3)).toEqual(["text 5999", "text 5998", "text 5997"]);
	});

	test("is any text that is not too long, and no count but of something", async () => {
		const { counter } = make();
		const odd = ["", "*", "__proto__", "a\nb", "ü 🏠", "x".repeat(512)];
		await counter.add(new Map(odd.map((text, index) => [text, 10 - index])));
		await counter.add(new Map([["x".repeat(513), 100]]));
		await counter.add(counts({ none: 0, less: -1, nan: Number.NaN, endless: Number.POSITIVE_INFINITY }));
		expect(await counter.top(100)).toEqual(odd);
	});
});

test.each([0, -1, 1.5, Number.NaN])("a bound or a half-life of %p is an error", (value) => {
	expect(() => inMemory({ keep: value })).toThrow(TypeError);
	expect(() => inMemory({ halfLifeMs: value })).toThrow(TypeError);
	expect(() => over(() => client)({ keep: value })).toThrow(TypeError);
});

describe("counting in Redis", () => {
	test("is done together by all who count under one name, and halved by one of them", async () => {
		const [one, two] = [1, 2].map(() => createRedisPopularity({ client, name: "together" }));
		await one?.add(counts({ a: 4 }));
		await two?.add(counts({ a: 4, b: 6 }));
		expect(await one?.top(2)).toEqual(["a", "b"]);
		await age(client, "together", HALF_LIFE_MS);
		await Promise.all(
			Array.from({ length: 10 }, (_, index) => (index % 2 ? one : two)?.add(counts({ c: 1 }))),
		);
		const { counts: key } = popularityKeys("together");
		expect(await client.zrange(key, 0, "-1", "WITHSCORES")).toEqual(["b", "3", "a", "4", "c", "10"]);
	});

	test("leaves nothing behind that has no end, and ends a week after the last count", async () => {
		const counter = createRedisPopularity({ client, name: "ending" });
		await counter.add(counts({ a: 1 }));
		const keys = Object.values(popularityKeys("ending"));
		for (const key of keys) await client.pexpire(key, 1_000);
		await counter.add(counts({ b: 1 }));
		for (const key of keys)
			expect(await client.pttl(key)).toBeWithin(6.9 * 24 * HOUR_MS, 7 * 24 * HOUR_MS + 1);
		expect(keys.every((key) => key.startsWith("state:popular:"))).toBe(true);
	});

	test("goes on from an instant that makes no sense", async () => {
		const counter = createRedisPopularity({ client, name: "nonsense" });
		await client.set(popularityKeys("nonsense").halvedAt, "yesterday");
		await counter.add(counts({ a: 1 }));
		await counter.add(counts({ a: 1 }));
		expect(await counter.top(1)).toEqual(["a"]);
	});

	test("needs a name that is one word", () => {
		for (const name of ["", "a b", "{a}", "A", "a:b"]) {
			expect(() => createRedisPopularity({ client, name })).toThrow("name");
		}
	});
});
