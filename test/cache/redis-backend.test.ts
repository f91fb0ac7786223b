import { afterEach, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { failureCause, PurgePending } from "../../src/cache/failure.ts";
import type { StoreObserver } from "../../src/cache/instrument.ts";
import { openRedisBackend, type RedisBackend, type RedisBackendOptions } from "../../src/cache/redis.ts";
import type { Coordination, Inspection } from "../../src/cache/store.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis, type TestRedisOptions } from "./support/redis.ts";
import { namesIn } from "./support/walk.ts";

const MEMORY_BYTES = 1024 * 1024;
const MAX_AGE_MS = 5_000;
/** Longer than in production, as not every test here is about it and the machine may be busy. */
const DEADLINE_MS = 200;

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function server(options?: TestRedisOptions): Promise<TestRedis> {
	const redis = await createTestRedis(options);
	cleanups.push(() => redis.stop());
	return redis;
}

interface Instance {
	backend: RedisBackend;
	store: RedisBackend["store"];
	shared: Coordination;
	states: string[];
}

function instance(redis: TestRedis, options: Partial<RedisBackendOptions> = {}): Instance {
	const states: string[] = [];
	const backend = openRedisBackend({
		redis: { host: "127.0.0.1", port: redis.port, password: redis.password },
		memoryBytes: MEMORY_BYTES,
		clock: Date.now,
		deadlineMs: DEADLINE_MS,
		onConnected: () => states.push("connected"),
		onFailed: () => states.push("failed"),
		...options,
	});
	cleanups.push(() => backend.close());
	return { backend, states, store: backend.store, shared: backend.store.coordination as Coordination };
}

async function connected(redis: TestRedis, options?: Partial<RedisBackendOptions>): Promise<Instance> {
	const made = instance(redis, options);
	await eventually(async () => {
		await made.store.get("ready?");
		return made.backend.bus.connected;
	});
	return made;
}

/** A plain connection, to look at the server and to do things to it. */
async function admin(redis: TestRedis): Promise<Redis> {
	const client = new Redis({ host: "127.0.0.1", port: redis.port, lazyConnect: true, retryStrategy: null });
	client.on("error", () => {});
	cleanups.push(() => client.disconnect());
	await client.connect();
	return client;
}

const causeOf = (call: unknown) => Promise.resolve(call).then(() => "none", failureCause);

/** Asks until there is an answer; that one counts. */
async function firstAnswer<T>(ask: () => T | Promise<T>): Promise<T> {
	let answer: T | undefined;
	await eventually(async () => {
		answer = await ask();
	}, 2_000);
	return answer as T;
}

async function markAt({ shared }: Instance, tag: string): Promise<string> {
	const [mark = ""] = await shared.generations([tag]);
	return mark;
}

describe("a Redis that fails", () => {
	test("36, 37: killed and restarted empty, it is used again within 1 s without anybody's help", async () => {
		const redis = await server();
		const { store, states } = await connected(redis, { memoryBytes: 0 });
		await store.set("k", bytes("x"), 60_000);
		await redis.kill();
		await eventually(async () => expect(await causeOf(store.get("k"))).not.toBe("none"));
		await eventually(async () => {
			expect(await causeOf(store.get("k"))).toBe("breaker-open");
			expect(states).toContain("failed");
		});
		await redis.start();
		const startedAt = performance.now();
		await eventually(async () => expect(await store.get("k")).toBeUndefined());
		await store.set("k", bytes("y"), 60_000);
		expect(await textAt(store, "k")).toBe("y");
		expect(performance.now() - startedAt).toBeLessThan(1_000);
		expect(states[0]).toBe("connected");
		expect(states.at(-1)).toBe("connected");
	});

	test("37: absent at first, it is used as soon as it appears", async () => {
		const redis = await server({ started: false });
		const { store, backend } = instance(redis);
		expect(await causeOf(store.get("k"))).toBe("connection");
		await redis.start();
		await eventually(() => store.set("k", bytes("x"), 60_000), 1_000);
		expect(await textAt(store, "k")).toBe("x");
		await eventually(() => backend.bus.connected, 1_000);
	});

	test("36: frozen, each call ends within its deadline, then at once; thawed, it is used again", async () => {
		const redis = await server();
		const { store } = await connected(redis, { memoryBytes: 0 });
		redis.freeze();
		let longest = 0;
		for (let call = 0; call < 50; call += 1) {
			const startedAt = performance.now();
			expect(await causeOf(store.get("k"))).not.toBe("none");
			longest = Math.max(longest, performance.now() - startedAt);
		}
		// What is above the deadline is this machine's own.
		expect(longest).toBeLessThan(DEADLINE_MS + 150);
		expect(await causeOf(store.get("k"))).toBe("breaker-open");
		// Long enough for the link to be given up as well.
		await Bun.sleep(1_200);
		redis.thaw();
		await eventually(async () => expect(await causeOf(store.get("k"))).toBe("none"), 2_000);
	});
});

describe("a purge on one instance", () => {
	for (const memoryBytes of [MEMORY_BYTES, 0]) {
		const who = memoryBytes ? "with a memory tier" : "without a memory tier";

		test(`42: ${who} counts on the others within 100 ms`, async () => {
			const redis = await server();
			const a = await connected(redis, { memoryBytes });
			const b = await connected(redis);
			const told: string[] = [];
			b.shared.onEvicted?.((key) => told.push(key));
			const purgeTakes = async () => {
				await a.store.set("k", bytes("x"), 60_000);
				expect(await b.store.get("k")).toMatchObject({ tier: "redis" });
				expect(await b.store.get("k")).toMatchObject({ tier: "memory" });
				const mark = await markAt(b, "t");
				const startedAt = performance.now();
				await a.shared.evict("k");
				await a.shared.invalidate(["t"], "purge");
				await eventually(async () => expect(await markAt(b, "t")).not.toBe(mark));
				expect(await b.store.get("k")).toBeUndefined();
				return performance.now() - startedAt;
			};
			// A busy machine may hold up one of them, but not the way that purges go.
			const times: number[] = [];
			do times.push(await purgeTakes());
			while ((times.at(-1) ?? 0) >= 100 && times.length < 5);
			expect(Math.min(...times)).toBeLessThan(100);
			expect(told).toEqual(times.map(() => "k"));
		});
	}

	test("43: while the bus link of another is cut is made up for when that is back", async () => {
		const redis = await server();
		const [a, b] = [await connected(redis), await connected(redis)];
		const control = await admin(redis);
		await a.store.set("k", bytes("x"), 60_000);
		await b.store.get("k");
		const mark = await markAt(b, "t");
		await control.acl("SETUSER", "default", "-subscribe");
		await control.client("KILL", "TYPE", "PUBSUB");
		await eventually(() => !a.backend.bus.connected && !b.backend.bus.connected);
		await a.shared.evict("k");
		await a.shared.invalidate(["t"], "purge");
		// Nobody has told it.
		expect(await textAt(b.store, "k")).toBe("x");
		await control.acl("SETUSER", "default", "+subscribe");
		await eventually(() => b.backend.bus.connected, 3_000);
		expect(await b.store.get("k")).toBeUndefined();
		expect(await markAt(b, "t")).not.toBe(mark);
	});

	test("43: is served for no longer than the bound by one whose bus link stays down", async () => {
		const redis = await server();
		const clock = createTestClock();
		const [a, b] = [await connected(redis), await connected(redis, { clock })];
		const control = await admin(redis);
		await a.store.set("k", bytes("x"), 60_000);
		await control.acl("SETUSER", "default", "-subscribe");
		await control.client("KILL", "TYPE", "PUBSUB");
		await eventually(() => !b.backend.bus.connected);
		await b.store.get("k");
		const mark = await markAt(b, "t");
		await a.shared.evict("k");
		await a.shared.invalidate(["t"], "purge");
		clock.advance(MAX_AGE_MS - 1);
		expect(await textAt(b.store, "k")).toBe("x");
		expect(await markAt(b, "t")).toBe(mark);
		clock.advance(1);
		expect(await b.store.get("k")).toBeUndefined();
		expect(await markAt(b, "t")).not.toBe(mark);
	});

	test("a message that is not signed moves nobody", async () => {
		const redis = await server();
		const ignored: string[] = [];
		const options = { signingKeys: ["a key"], onIgnored: (why: string) => ignored.push(why) };
		const [a, b] = [await connected(redis, options), await connected(redis, options)];
		await a.store.set("k", bytes("x"), 60_000);
		await b.store.get("k");
		const control = await admin(redis);
		const forged = { v: 1, from: "x", topic: "evicted-keys", items: ["k"] };
		await control.publish("retyn:bus", JSON.stringify(forged));
		await eventually(() => ignored.length === 2);
		expect(await b.store.get("k")).toMatchObject({ tier: "memory" });
		await a.shared.evict("k");
		await eventually(async () => expect(await b.store.get("k")).toBeUndefined(), 100);
	});
});

describe("a purge that does not reach Redis", () => {
	test("43: because it is frozen says so, and is made before the store is read again", async () => {
		const redis = await server();
		const { store, shared } = await connected(redis, { memoryBytes: 0 });
		await store.set("k", bytes("x"), 60_000);
		const [mark] = await shared.generations(["t"]);
		redis.freeze();
		await expect(shared.invalidate(["t"], "purge")).rejects.toBeInstanceOf(PurgePending);
		await expect(shared.evict("k")).rejects.toMatchObject({ status: 503, pending: 2 });
		expect(await causeOf(store.get("k"))).toBe("purges-pending");
		redis.thaw();
		// The first answer that there is, is one after the purge.
		expect(await firstAnswer(() => store.get("k"))).toBeUndefined();
		expect((await shared.generations(["t"]))[0]).not.toBe(mark);
	});

	test("43: because it was frozen reaches the others with it, whose links never broke", async () => {
		const redis = await server();
		const [a, b] = [await connected(redis), await connected(redis)];
		const mark = await markAt(b, "t");
		redis.freeze();
		await expect(a.shared.invalidate(["t"], "purge")).rejects.toBeInstanceOf(PurgePending);
		redis.thaw();
		await eventually(async () => expect(await markAt(b, "t")).not.toBe(mark), 2_000);
	});

	test("43: because it is down is made on the server that comes back, before that is read", async () => {
		const redis = await server();
		const { store, shared } = await connected(redis);
		const control = await admin(redis);
		await store.set("k", bytes("x"), 60_000);
		const [mark] = await shared.generations(["t"]);
		expect(await control.get("k")).toBe("x");
		await control.save();
		await redis.kill();
		await eventually(async () => expect(await causeOf(shared.generations(["other"]))).not.toBe("none"));
		await expect(shared.evict("k")).rejects.toBeInstanceOf(PurgePending);
		await expect(shared.invalidate(["t"], "purge")).rejects.toBeInstanceOf(PurgePending);
		// From the moment on that it is back the purges may be made.
		await redis.start();
		expect(await firstAnswer(() => store.get("k"))).toBeUndefined();
		expect((await shared.generations(["t"]))[0]).not.toBe(mark);
	});

	test("43: because it is read-only is kept as well", async () => {
		const redis = await server();
		const { store, shared } = await connected(redis, { memoryBytes: 0 });
		const control = await admin(redis);
		await store.set("k", bytes("x"), 60_000);
		await control.replicaof("127.0.0.1", "1");
		await expect(shared.evict("k")).rejects.toBeInstanceOf(PurgePending);
		expect(await causeOf(store.get("k"))).toBe("purges-pending");
		await control.replicaof("NO", "ONE");
		expect(await firstAnswer(() => store.get("k"))).toBeUndefined();
	});

	test("43: among more than the journal holds becomes a purge of everything", async () => {
		const redis = await server();
		const { store, shared } = await connected(redis, { memoryBytes: 0 });
		const [everything] = await shared.generations(["*"]);
		redis.freeze();
		const tags = Array.from({ length: 1_001 }, (_, index) => `t:${index}`);
		await expect(shared.invalidate(tags, "purge")).rejects.toMatchObject({ pending: 1 });
		redis.thaw();
		await eventually(async () => expect(await causeOf(store.get("k"))).toBe("none"), 2_000);
		expect((await shared.generations(["*"]))[0]).not.toBe(everything);
	});
});

describe("a fail-over to a server that missed a purge", () => {
	/** The server comes back as it was before `purge`. */
	async function failOver(redis: TestRedis, purge: () => Promise<unknown>): Promise<void> {
		const control = await admin(redis);
		expect(await control.get("k")).toBe("x");
		await control.save();
		await purge();
		await redis.kill();
		// From here on instances that are still there may purge again.
		await redis.start();
	}

	for (const memoryBytes of [MEMORY_BYTES, 0]) {
		test(`43: nothing purged is served, ${memoryBytes ? "with" : "without"} a memory tier`, async () => {
			const redis = await server();
			const a = await connected(redis, { memoryBytes });
			await a.store.set("k", bytes("x"), 60_000);
			const before = await a.shared.generations(["t", "u"]);
			await failOver(redis, async () => {
				await a.shared.evict("k");
				await a.shared.invalidate(["t"], "purge");
			});
			expect(await firstAnswer(() => a.store.get("k"))).toBeUndefined();
			const after = await a.shared.generations(["t", "u"]);
			expect(after[0]).not.toBe(before[0]);
			expect(after[1]).toBe(before[1]);
		});
	}

	test("43: nothing is served that another instance purged, which is gone", async () => {
		const redis = await server();
		const [a, b] = [await connected(redis), await connected(redis, { memoryBytes: 0 })];
		await a.store.set("k", bytes("x"), 60_000);
		const mark = await markAt(b, "t");
		await failOver(redis, async () => {
			await a.shared.evict("k");
			await a.shared.invalidate(["t"], "purge");
			await a.backend.close();
		});
		expect(await firstAnswer(() => b.store.get("k"))).toBeUndefined();
		expect(await markAt(b, "t")).not.toBe(mark);
	});
});

describe("the memory tier", () => {
	test("44: keeps an entry for what remains of its time by the server's clock", async () => {
		const redis = await server();
		const clock = createTestClock();
		const [a, b] = [await connected(redis, { memoryBytes: 0 }), await connected(redis, { clock })];
		const control = await admin(redis);
		await a.store.set("k", bytes("x"), 60_000);
		await control.pexpire("k", 2_000);
		expect(await b.store.get("k")).toMatchObject({ tier: "redis" });
		const near = await b.store.get("k");
		expect(near).toMatchObject({ tier: "memory" });
		expect(near?.remainingMs).toBeWithin(1_500, 2_001);
		await control.del("k");
		clock.advance(2_000);
		expect(await b.store.get("k")).toBeUndefined();
	});

	test("answers and marks that are known cost no command", async () => {
		const redis = await server();
		const { store, shared } = await connected(redis);
		const control = await admin(redis);
		await store.set("k", bytes("x"), 60_000);
		const ask = () => Promise.all([store.get("k"), shared.generations(["*", "t"])]);
		await ask();
		const reads = async () =>
			Number(/cmdstat_mget:calls=(\d+)/.exec(await control.info("commandstats"))?.[1] ?? 0);
		const before = await reads();
		for (let round = 0; round < 100; round += 1) await ask();
		expect(await reads()).toBe(before);
	});
});

describe("looking at it", () => {
	test("46: every call to Redis is told with its time, those of the memory tier are not", async () => {
		const redis = await server();
		const seen: { call: string; tookMs: number; outcome: string }[] = [];
		const observe: StoreObserver = (call, tookMs, outcome) => void seen.push({ call, tookMs, outcome });
		const { store } = await connected(redis, { observe });
		await eventually(() => seen.length > 0);
		seen.length = 0;
		await store.set("k", bytes("x"), 60_000);
		await store.get("k");
		await store.get("absent");
		await store.inspection?.usage();
		expect(seen.map(({ call, outcome }) => `${call} ${outcome}`)).toEqual([
			"set ok",
			"readTogether ok",
			"usage ok",
		]);
		for (const { tookMs } of seen) expect(tookMs).toBeGreaterThan(0);
	});

	test("46: a call that was given up on is told when it ends, one that did not go out never", async () => {
		const redis = await server();
		const seen: string[] = [];
		const observe: StoreObserver = (call, _, outcome) => void seen.push(`${call} ${outcome}`);
		const { store } = await connected(redis, { observe, memoryBytes: 0, deadlineMs: 20 });
		await eventually(() => seen.length > 0);
		seen.length = 0;
		redis.freeze();
		expect(await causeOf(store.get("k"))).toBe("timeout");
		expect(seen).toEqual([]);
		redis.thaw();
		await eventually(() => expect(seen).toEqual(["readTogether ok"]));
		await redis.kill();
		await eventually(async () => expect(await causeOf(store.get("k"))).toBe("breaker-open"));
		const told = seen.length;
		expect(await causeOf(store.set("k", bytes("x"), 1_000))).toBe("breaker-open");
		expect(seen.slice(told)).not.toContain("set failed");
	});

	test("says whether commands can be sent", async () => {
		const redis = await server({ started: false });
		const { backend } = instance(redis);
		expect(backend.connected).toBe(false);
		await redis.start();
		await eventually(() => backend.connected);
		await redis.kill();
		await eventually(() => !backend.connected);
	});

	test("tells what is in it while purges wait to be made, which nobody is served", async () => {
		const redis = await server();
		const { store, shared } = await connected(redis);
		const control = await admin(redis);
		await store.set("k", bytes("x"), 60_000);
		// Writes are refused, reads are not.
		await control.config("SET", "min-replicas-to-write", 1);
		expect(await causeOf(shared.invalidate(["t"], "purge"))).toBe("purges-pending");
		expect(await causeOf(store.get("other"))).toBe("purges-pending");
		expect(await namesIn(store.inspection as Inspection, "")).toEqual(["k"]);
		expect((await store.inspection?.peek(["k"], 1))?.[0]?.bytes).toBe(1);
	});

	test("what is looked at is what all share, and is not kept near", async () => {
		const redis = await server();
		const [a, b] = [await connected(redis), await connected(redis)];
		await a.store.set("k", bytes("x"), 60_000);
		expect((await b.store.inspection?.peek(["k"], 1))?.[0]?.bytes).toBe(1);
		expect(await b.store.get("k")).toMatchObject({ tier: "redis" });
	});

	test("instances count together what is asked for most, and nobody lists it as an entry", async () => {
		const redis = await server();
		const [a, b] = [await connected(redis), await connected(redis)];
		await a.backend.counter("asked").add(new Map([["one", 2]]));
		await b.backend.counter("asked").add(new Map([["two", 3]]));
		await b.backend.counter("other", { keep: 1 }).add(new Map([["three", 9]]));
		expect(await a.backend.counter("asked").top(10)).toEqual(["two", "one"]);
		expect(await namesIn(a.store.inspection as Inspection, "")).toEqual([]);
		expect(() => a.backend.counter("no name")).toThrow(TypeError);
	});
});
