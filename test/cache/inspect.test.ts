import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createCache } from "../../src/cache/engine.ts";
import { cacheKey } from "../../src/cache/key.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createNoopStore } from "../../src/cache/stores/noop.ts";
import { bytes } from "./store-under-test.ts";
import { redisSubject } from "./subjects.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine, type TestEngine, type TestEngineOptions, text } from "./support/engine.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";
import { entriesIn } from "./support/walk.ts";

const MEMORY_BYTES = 32 * 1024 * 1024;
/** What is not stored in time is not there to be looked at, and this machine may be busy. */
const BUDGET_MS = 5_000;

let redis: TestRedis;
let redisStore: CacheStore;
let closeStore: (() => Promise<void>) | undefined;
let engines = 0;
beforeAll(async () => {
	redis = await createTestRedis();
	const { store, close } = await redisSubject(redis);
	redisStore = store;
	closeStore = close;
});
afterAll(async () => {
	await closeStore?.();
	await redis.stop();
});

/** With time of its own, so that entries are there longer than they may be used. */
const memoryStore = () => createMemoryStore({ clock: createTestClock(), maxBytes: MEMORY_BYTES });

/** The prefix differs from engine to engine, as they may share a store. */
function engineOver(store: CacheStore, { policy, ...options }: TestEngineOptions = {}): TestEngine {
	engines += 1;
	const names = { name: `things-${engines}`, prefix: `things-${engines}:` };
	return createTestEngine({ store, storeBudgetMs: BUDGET_MS, ...options, policy: { ...names, ...policy } });
}

/** A server's time goes on by itself. */
const about = (seconds: number) => expect.closeTo(seconds, -1);

function keyOf({ policy }: TestEngine, input: unknown = "x"): string {
	const { name, prefix, version } = policy;
	return cacheKey({ policy: name, prefix, version, caller: [], input }).name;
}

describe.each([
	["in memory", memoryStore],
	["in Redis", () => redisStore],
])("entries %s", (_, storeFor) => {
	test("are listed with what their beginning tells", async () => {
		const engine = engineOver(storeFor());
		await engine.tell("a");
		engine.clock.advance(2_500);
		await engine.tell("b");
		const entries = await entriesIn(engine.cache, engine.policy.prefix);
		const now = engine.clock();
		const common = { policy: engine.policy.name, bytes: expect.any(Number) };
		expect(entries.toSorted((one, other) => (one.ageS ?? 0) - (other.ageS ?? 0))).toEqual([
			{ key: keyOf(engine, "b"), ...common, storedAt: now, ageS: 0, ttlS: 60, keptS: about(60) },
			{ key: keyOf(engine, "a"), ...common, storedAt: now - 2_500, ageS: 2, ttlS: 58, keptS: about(60) },
		]);
		engine.clock.advance(61_000);
		const [later] = await entriesIn(engine.cache, keyOf(engine, "b"));
		expect(later).toMatchObject({ ageS: 61, ttlS: -1 });
	});

	test("are listed page by page, those of other prefixes not among them", async () => {
		const store = storeFor();
		const engine = engineOver(store);
		const other = engineOver(store);
		await other.tell();
		for (let input = 0; input < 45; input += 1) await engine.tell(input);
		const { entries, cursor } = await engine.cache.entries(engine.policy.prefix, { limit: 10 });
		expect(entries.length).toBeLessThan(45);
		expect(cursor).toBeDefined();
		const found = await entriesIn(engine.cache, engine.policy.prefix, 10);
		const expected = Array.from({ length: 45 }, (_, input) => keyOf(engine, input));
		expect(found.map(({ key }) => key).sort()).toEqual(expected.sort());
	});

	test("are told of one by one, but for the body", async () => {
		const engine = engineOver(storeFor(), { tags: ["x"], policy: { staleWhileRevalidate: 30 } });
		engine.does(() => text("the body"));
		await engine.tell();
		engine.clock.advance(10_000);
		const now = engine.clock();
		expect(await engine.cache.entry(keyOf(engine))).toEqual({
			key: keyOf(engine),
			state: "fresh",
			policy: engine.policy.name,
			status: 200,
			headers: [["content-type", "text/plain"]],
			tags: ["*", `prefix:${engine.policy.prefix}`, "x"],
			length: 8,
			bytes: expect.any(Number),
			storedAt: now - 10_000,
			freshUntil: now + 50_000,
			staleUntil: now + 80_000,
			staleIfErrorUntil: now + 80_000,
			ageS: 10,
			ttlS: 50,
			fillMs: 0,
			keptS: about(90),
		});
		expect(await engine.cache.entry(`${engine.policy.prefix}none`)).toBeUndefined();
		expect(await engine.cache.entry("none")).toBeUndefined();
	});

	test("are judged as a lookup would", async () => {
		const policy = { staleWhileRevalidate: 30, staleIfError: 300 };
		const changes: [state: string, change: (engine: TestEngine) => unknown][] = [
			["fresh", () => {}],
			["fresh", (engine) => engine.cache.purge({ tags: ["y"] })],
			["stale", (engine) => engine.clock.advance(60_000)],
			["stale", (engine) => engine.cache.expire(["x"])],
			["stale-if-error", (engine) => engine.clock.advance(90_000)],
			["expired", (engine) => engine.clock.advance(360_000)],
			["invalidated", (engine) => engine.cache.purge({ tags: ["x"] })],
			["invalidated", (engine) => engine.cache.purge({ policy: engine.policy.name })],
		];
		for (const [state, change] of changes) {
			const engine = engineOver(storeFor(), { tags: ["x"], policy });
			await engine.tell();
			await change(engine);
			expect(await engine.cache.entry(keyOf(engine))).toMatchObject({ state });
			const { name, prefix, version } = engine.policy;
			const key = cacheKey({ policy: name, prefix, version, caller: [], input: "x" });
			expect((await engine.cache.look(engine.policy, key, ["x"])).state).toBe(state as "fresh");
		}
	});

	test("that no lookup would take are told of as unreadable", async () => {
		const store = storeFor();
		const engine = engineOver(store);
		await engine.tell();
		const { value } = (await store.get(keyOf(engine))) ?? { value: bytes("") };
		const misplaced = keyOf(engine).replace(engine.policy.prefix, `misplaced-${engine.policy.prefix}`);
		await store.set(misplaced, value, 60_000);
		expect(await engine.cache.entry(misplaced)).toMatchObject({ unreadable: true });
		const foreign: Record<string, Uint8Array> = {
			"foreign bytes": bytes("hello"),
			nothing: bytes(""),
			"another key's": value,
			"cut off": value.subarray(0, -1),
		};
		for (const [name, put] of Object.entries(foreign)) {
			const key = name === "cut off" ? keyOf(engine) : keyOf(engine, name);
			await store.set(key, put, 60_000);
			expect(await engine.cache.entry(key)).toEqual({
				key,
				unreadable: true,
				bytes: put.byteLength,
				keptS: about(60),
			});
		}
		const entries = await entriesIn(engine.cache, keyOf(engine, "foreign bytes"));
		expect(entries).toEqual([{ key: keyOf(engine, "foreign bytes"), bytes: 5, keptS: about(60) }]);
	});

	test("are not readable unsigned, where they must be signed", async () => {
		const store = storeFor();
		const unsigned = engineOver(store);
		await unsigned.tell();
		const { policy } = unsigned;
		const signing = createTestEngine({
			store,
			policy,
			storeBudgetMs: BUDGET_MS,
			signingKeys: ["new key", "old key"],
		});
		expect(await signing.cache.entry(keyOf(unsigned))).toMatchObject({ unreadable: true });
		const [before] = await entriesIn(signing.cache, policy.prefix);
		expect(before).toMatchObject({ key: keyOf(unsigned) });
		expect(before).not.toHaveProperty("policy");
		await signing.tell();
		expect(await signing.cache.entry(keyOf(unsigned))).toMatchObject({ state: "fresh", status: 200 });
		const entries = await entriesIn(signing.cache, policy.prefix);
		expect(entries).toMatchObject([{ policy: policy.name, ageS: 0, ttlS: 60 }]);
	});

	test("with a line longer than what is looked at are summed up all the same", async () => {
		const tags = Array.from({ length: 50 }, (_, index) => `a-tag-with-a-long-name-${index}`);
		const engine = engineOver(storeFor(), { tags });
		await engine.tell();
		const entries = await entriesIn(engine.cache, engine.policy.prefix);
		expect(entries).toMatchObject([{ policy: engine.policy.name, ttlS: 60 }]);
		expect(await engine.cache.entry(keyOf(engine))).toMatchObject({ state: "fresh" });
	});

	test("are looked at without a trace", async () => {
		const engine = engineOver(storeFor());
		await engine.tell();
		const before = engine.events.length;
		await engine.cache.entries("", { limit: 10 });
		await engine.cache.entry(keyOf(engine));
		await engine.cache.usage();
		expect(engine.events).toHaveLength(before);
		expect(engine.runs()).toBe(1);
	});
});

test("marks and leases are not to be had as entries", async () => {
	const engine = engineOver(redisStore, { tags: ["x"] });
	await engine.tell();
	for (const key of ["tag:x", "tag:*", "lease:{x}", "state:popular:{x}"]) {
		expect(await engine.cache.entry(key)).toBeUndefined();
	}
});

test("a page has a limit that makes sense", async () => {
	const { cache } = engineOver(memoryStore());
	for (const limit of [0, -1, 1.5, 1_001, Number.NaN]) {
		await expect(cache.entries("", { limit })).rejects.toThrow(RangeError);
	}
	expect(await cache.entries("", { limit: 1_000 })).toEqual({ entries: [] });
});

test("usage is what the store says", async () => {
	const engine = engineOver(memoryStore());
	await engine.tell();
	const usage = await engine.cache.usage();
	expect(usage).toEqual({ usedBytes: expect.any(Number), maxBytes: MEMORY_BYTES, evictions: 0, entries: 1 });
	expect(usage.usedBytes).toBeGreaterThan(0);
});

test("over a store that cannot be looked into there is nothing to see", async () => {
	const { inspection: _, ...opaque } = memoryStore();
	for (const store of [opaque, createNoopStore()]) {
		const engine = engineOver(store);
		await engine.tell();
		expect(await engine.cache.entries("", { limit: 10 })).toEqual({ entries: [] });
		expect(await engine.cache.entry(keyOf(engine))).toBeUndefined();
		expect(await engine.cache.usage()).toEqual({ usedBytes: 0, evictions: 0, entries: 0 });
		expect(await engine.cache.census({ withinMs: 1_000 })).toEqual({
			complete: true,
			entries: 0,
			bytes: 0,
			policies: { [engine.policy.name]: { entries: 0, bytes: 0 } },
		});
	}
});

test("a store that cannot tell says so to whoever looks", async () => {
	const fails = () => Promise.reject(new Error("out of order"));
	const store = { ...memoryStore(), inspection: { list: fails, peek: fails, usage: fails } };
	const cache = createCache({ store, clock: createTestClock() });
	const looks = [
		() => cache.entries("", { limit: 1 }),
		() => cache.entry("k"),
		() => cache.usage(),
		() => cache.census({ withinMs: 1_000 }),
		() => cache.census({ withinMs: 1_000 }),
	];
	for (const look of looks) await expect(look()).rejects.toThrow("out of order");
});
