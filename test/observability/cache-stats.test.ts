import { describe, expect, test } from "bun:test";
import { type CacheEvent, createCache, createMemoryStore, instrumented } from "../../src/cache/index.ts";
import { createCacheStats, describeReport, mergeReports } from "../../src/observability/cache-stats.ts";
import { policies } from "../../src/policies.ts";
import { createTestClock } from "../cache/support/clock.ts";

const ABOUT = { policy: "areas", key: `areas:${"0".repeat(32)}` };
const HIT: CacheEvent = { type: "hit", ...ABOUT, tier: "memory", ageS: 1, ttlS: 9, savedMs: 400 };
const STALE: CacheEvent = {
	type: "stale",
	...ABOUT,
	tier: "redis",
	ttlS: -3,
	because: "failed",
	savedMs: 200,
};
const MISS: CacheEvent = { type: "miss", ...ABOUT, reason: "expired", collapsed: false };
const EVENTS: CacheEvent[] = [
	HIT,
	{ ...HIT, tier: "redis" },
	HIT,
	STALE,
	MISS,
	{ ...MISS, reason: "none", collapsed: true },
	{ type: "bypass", policy: "areas", reason: "range" },
	{ type: "refused", ...ABOUT, reason: "too-large" },
	{ type: "filled", ...ABOUT, ttlS: 9, bytes: 10, tookMs: 30, by: "miss" },
	{ type: "filled", ...ABOUT, ttlS: 9, bytes: 10, tookMs: 30, by: "refresh" },
	{ type: "fill-failed", ...ABOUT, status: 503, tookMs: 5, by: "miss" },
	{ type: "purged", tags: ["area:1", "model"], keys: 0 },
	{ type: "expired", tags: ["area:1"], keys: 0 },
	{ type: "purged", tags: [], keys: 3 },
	{ type: "store-failed", operation: "read", store: "redis", cause: "timeout", error: new Error("late") },
	{ type: "breaker", store: "redis", state: "opened" },
];

function setUp() {
	const clock = createTestClock();
	const stats = createCacheStats({ clock });
	const hear = (...events: CacheEvent[]) => events.forEach(stats.listener);
	/** As the server does: every 5 seconds. */
	function pass(ms: number): void {
		for (let passed = 0; passed < ms; passed += 5_000) {
			clock.advance(5_000);
			stats.tick();
		}
	}
	const ratios = () => describeReport(stats.report()).policies["areas"]?.hit_ratio;
	return { clock, stats, hear, pass, ratios };
}

describe("what is counted of the cache", () => {
	test("is every event, by policy and by words out of few", () => {
		const { stats, hear } = setUp();
		hear(...EVENTS);
		const { policies, store } = stats.report();
		expect(Object.keys(policies)).toEqual(["areas"]);
		expect(policies["areas"]).toMatchObject({
			hits: { memory: 2, redis: 1 },
			stale: { failed: 1 },
			misses: { expired: 1, none: 1 },
			collapsed: 1,
			bypasses: { range: 1 },
			refused: { "too-large": 1 },
			fills: { miss: 1, refresh: 1 },
			fillTimes: { count: 2, sum: 60 },
			failedFills: 1,
			savedMs: 1_400,
		});
		expect(store).toMatchObject({
			breakers: { redis: { open: 1, openings: 1 } },
			failures: { read: { timeout: 1 } },
			purged: { events: 2, tags: 2, keys: 3 },
			expired: { events: 1, tags: 1, keys: 0 },
		});
		hear({ type: "breaker", store: "redis", state: "closed" });
		expect(stats.report().store.breakers).toEqual({ redis: { open: 0, openings: 1 } });
		expect(JSON.stringify(stats.report())).not.toContain(ABOUT.key);
	});

	test("tells the calls to the store by what came of them, with their times", async () => {
		const { clock, stats } = setUp();
		let now = 0;
		const store = instrumented(
			createMemoryStore({ clock, maxBytes: 1e6 }),
			stats.observeStore,
			() => (now += 1),
		);
		await store.set("areas:1", new Uint8Array(3), 1_000);
		await store.get("areas:1");
		await store.get("areas:2");
		const { calls } = stats.report().store;
		expect(calls["get"]).toMatchObject({ outcomes: { hit: 1, miss: 1 }, times: { count: 2, sum: 2 } });
		expect(calls["set"]).toMatchObject({ outcomes: { ok: 1 } });
	});

	test("is what a real cache does", async () => {
		const { clock, stats } = setUp();
		const store = createMemoryStore({ clock, maxBytes: 1e6 });
		const cache = createCache({ store, clock, listener: stats.listener });
		const policy = cache.register({ name: "names", prefix: "names:", scope: "shared", ttl: 60 });
		for (let index = 0; index < 3; index += 1) await cache.wrap(policy, "a", async () => index);
		await cache.settled();
		await cache.purge({ everything: true });
		await cache.wrap(policy, "a", async () => 9);
		await cache.settled();
		const report = stats.report();
		expect(report.policies["names"]).toMatchObject({
			hits: { memory: 2 },
			misses: { none: 1, invalidated: 1 },
			fills: { miss: 2 },
		});
		expect(report.store.purged.events).toBe(1);
	});
});

describe("the hit ratio", () => {
	test("is told of the last minute, of the last 15 and since the start", () => {
		const { hear, pass, ratios } = setUp();
		hear(MISS, MISS, MISS, MISS);
		expect(ratios()).toEqual({ last_minute: 0, last_15_minutes: 0, since_start: 0 });
		pass(5 * 60_000);
		hear(HIT, HIT, HIT, STALE);
		expect(ratios()).toEqual({ last_minute: 1, last_15_minutes: 0.5, since_start: 0.5 });
		pass(11 * 60_000);
		hear(HIT, MISS);
		expect(ratios()).toEqual({ last_minute: 0.5, last_15_minutes: 0.8333, since_start: 0.5 });
		pass(5 * 60_000);
		expect(ratios()).toEqual({ last_minute: null, last_15_minutes: 0.5, since_start: 0.5 });
	});

	test("forgets what is older than a minute to within one tick", () => {
		const { hear, pass, ratios } = setUp();
		pass(60_000);
		hear(MISS);
		pass(55_000);
		expect(ratios()?.last_minute).toBe(0);
		pass(10_000);
		expect(ratios()?.last_minute).toBeNull();
	});

	test("does not know of what never asked the cache, and is null where nothing did", () => {
		const { hear, ratios } = setUp();
		hear({ type: "bypass", policy: "areas", reason: "range" });
		expect(ratios()).toEqual({ last_minute: null, last_15_minutes: null, since_start: null });
	});

	test("does not depend on how punctual the ticks are, nor on the wall clock going back", () => {
		const { clock, stats, hear, ratios } = setUp();
		hear(MISS);
		clock.advance(40_000);
		stats.tick();
		hear(HIT);
		clock.advance(59_000);
		stats.tick();
		expect(ratios()?.last_minute).toBe(0.5);
		clock.advance(2_000);
		expect(ratios()?.last_minute).toBe(1);
		clock.advance(-3_600_000);
		stats.tick();
		hear(MISS);
		expect(ratios()?.since_start).toBeCloseTo(1 / 3, 3);
	});
});

describe("reports of several instances", () => {
	test("are summed, the start being the earliest", () => {
		const [one, other] = [setUp(), setUp()];
		one.hear(...EVENTS);
		other.hear(...EVENTS, MISS, { ...HIT, policy: "property-types" });
		const [first, second] = [one.stats.report(), { ...other.stats.report(), since: 5 }];
		const sum = mergeReports([first, second]);
		expect(sum).toMatchObject({ instances: 2, since: 5 });
		expect(sum.policies["areas"]).toMatchObject({
			hits: { memory: 4, redis: 2 },
			misses: { expired: 3, none: 2 },
			fillTimes: { count: 4, sum: 120 },
			savedMs: 2_800,
			lastMinute: { served: 8, missed: 5 },
		});
		expect(sum.policies["property-types"]?.hits).toEqual({ memory: 1 });
		expect(sum.store.breakers["redis"]).toEqual({ open: 2, openings: 2 });
		expect(mergeReports([second, first])).toEqual(sum);
		expect(mergeReports([first])).toEqual(first);
	});

	test("of another version are taken for what is known of them", () => {
		const { stats, hear } = setUp();
		hear(HIT);
		const theirs = JSON.parse(
			'{"instances":1,"since":1,"policies":{"areas":{"hits":{"memory":2,"__proto__":1},"stale":7,"new":{"x":1}},"toString":{}},"__proto__":{"x":1}}',
		);
		const sum = mergeReports([stats.report(), theirs]);
		expect(sum.policies["areas"]?.hits["memory"]).toBe(3);
		expect(sum.policies["areas"]?.stale).toEqual({});
		const described = describeReport(sum);
		expect(described.policies["areas"]).toMatchObject({ hits: expect.any(Number), stale: 0 });
		expect(Object.hasOwn(described.policies, "toString")).toBe(true);
		expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
	});

	test("of none is one of nothing", () => {
		expect(describeReport(mergeReports([]))).toEqual({
			instances: 0,
			since: "1970-01-01T00:00:00.000Z",
			policies: {},
			store: {
				calls: {},
				breakers: {},
				failures: {},
				purged: { events: 0, tags: 0, keys: 0 },
				expired: { events: 0, tags: 0, keys: 0 },
			},
		});
	});

	test("are small enough to send about, however much was counted", () => {
		const { stats, hear } = setUp();
		const names = [...Object.values(policies).map(({ name }) => name as string), "one-more"];
		for (const policy of names) {
			for (const event of EVENTS) if ("policy" in event) hear({ ...event, policy });
			for (let index = 0; index < 29; index += 1) {
				hear({
					type: "filled",
					policy,
					key: "k",
					ttlS: 9,
					bytes: 1,
					tookMs: 0.04 * 1.58 ** index,
					by: "early",
				});
				for (let times = 0; times < 1_000; times += 1) hear({ ...HIT, policy, savedMs: 1234.5678 });
			}
		}
		for (const call of ["get", "set", "acquire", "commit", "release", "readTogether"] as const) {
			for (let ms = 0.1; ms < 60; ms *= 1.5) stats.observeStore(call, ms, "ok");
		}
		expect(names).toHaveLength(6);
		expect(JSON.stringify(stats.report()).length).toBeLessThan(8 * 1024);
	});
});

test("an operator reads the report in plain words and figures", () => {
	const { stats, hear } = setUp();
	hear(...EVENTS);
	stats.observeStore("get", 0.9, "hit");
	stats.observeStore("get", 0.9, "failed");
	const { policies, store } = describeReport(stats.report());
	expect(policies["areas"]).toEqual({
		hits: 3,
		hits_by_tier: { memory: 2, redis: 1 },
		stale: 1,
		misses: { expired: 1, none: 1 },
		collapsed: 1,
		bypasses: { range: 1 },
		refused: { "too-large": 1 },
		hit_ratio: { last_minute: 0.6667, last_15_minutes: 0.6667, since_start: 0.6667 },
		fills: { count: 2, failed: 1, p50_ms: 32.5, p95_ms: 39.25 },
		origin_seconds_saved: 1.4,
	});
	expect(store).toMatchObject({
		calls: { get: { calls: 2, outcomes: { hit: 1, failed: 1 }, p50_ms: 0.815, p99_ms: 0.996 } },
		failures: { read: { timeout: 1 } },
	});
});
