import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import { z } from "zod";
import type { CacheStore, Coordination } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { allTags } from "../../src/cache/tags.ts";
import { tiered } from "../../src/cache/tiers.ts";
import { setUp, statusOf } from "./http-setup.ts";
import { bytes } from "./store-under-test.ts";
import { createTestClock, type TestClock } from "./support/clock.ts";
import { createTestEngine, type TestEngine } from "./support/engine.ts";

const memory = (clock: TestClock) => createMemoryStore({ clock, maxBytes: 1024 * 1024 });

/** A memory store at the other end of a wire: everything takes a turn of the event loop. */
function distant(clock: TestClock): CacheStore {
	const store = memory(clock);
	const shared = store.coordination as Coordination;
	const later = async <T>(work: () => T | Promise<T>): Promise<T> => {
		await new Promise<void>((resolve) => setImmediate(resolve));
		return work();
	};
	return {
		...store,
		name: "distant",
		get: (key) => later(() => store.get(key)),
		coordination: { ...shared, generations: (tags) => later(() => shared.generations(tags)) },
	};
}

const inFrontOf = (far: CacheStore, clock: TestClock) => tiered({ near: memory(clock), far, clock });

/** Whether `work` is done without a turn of the event loop. */
async function isAtOnce(work: () => Promise<unknown>): Promise<boolean> {
	const working = work();
	// None of these lets the event loop turn.
	for (let step = 0; step < 1_000; step += 1) await null;
	const isDone = Bun.peek.status(working) === "fulfilled";
	await working;
	return isDone;
}

describe("a store in memory", () => {
	test("answers at once, with no promise to wait for", async () => {
		const store = memory(createTestClock());
		expect(store.get("k")).toBeUndefined();
		await store.set("k", bytes("x"), 1_000);
		expect(store.get("k")).not.toBeInstanceOf(Promise);
		const marks = store.coordination?.generations(["a", "b"]);
		expect(marks).toBeArrayOfSize(2);
	});

	test("45: in front of another one answers at once what it knows, and its marks, until they are too old", async () => {
		const clock = createTestClock();
		const far = distant(clock);
		const store = inFrontOf(far, clock);
		const shared = store.coordination as Coordination;
		await far.set("k", bytes("x"), 60_000);
		for (const ask of [() => store.get("k"), () => shared.generations(["a"])]) {
			expect(ask()).toBeInstanceOf(Promise);
			await ask();
			expect(ask()).not.toBeInstanceOf(Promise);
			clock.advance(5_000);
			expect(ask()).toBeInstanceOf(Promise);
			await ask();
		}
		await Promise.all([store.get("k"), shared.generations(["a"])]);
		expect(shared.generations(["a", "other"])).toBeInstanceOf(Promise);
		clock.advance(-1);
		expect(shared.generations(["a"])).toBeInstanceOf(Promise);
	});

	test("in front of another one may itself take its time", async () => {
		const clock = createTestClock();
		const far = memory(clock);
		const store = tiered({ near: distant(clock), far, clock });
		await far.set("k", bytes("x"), 60_000);
		for (const tier of ["memory", "distant"]) expect((await store.get("k"))?.tier).toBe(tier);
		expect(await store.get("unknown")).toBeUndefined();
	});
});

describe("an answer that is in memory", () => {
	/** As the engine is asked by whoever takes what is there at once. */
	const serve = ({ cache, policy }: TestEngine, key: { name: string; digest: string }) =>
		cache.serve<string>({
			policy,
			key,
			tags: allTags(policy.prefix, []),
			fill: () => Promise.reject(new Error("not to be made")),
		});

	async function keyOf(engine: TestEngine) {
		let key: { name: string; digest: string } | undefined;
		const { serve } = engine.cache;
		Object.assign(engine.cache, {
			serve: (ask: Parameters<typeof serve>[0]) => {
				key = ask.key;
				return serve(ask);
			},
		});
		await engine.tell();
		Object.assign(engine.cache, { serve });
		return key as { name: string; digest: string };
	}

	test("1: is given at once while it is fresh, and what is stale, too", async () => {
		const engine = createTestEngine({ policy: { staleWhileRevalidate: 30 } });
		const key = await keyOf(engine);
		const fresh = serve(engine, key);
		expect(fresh).not.toBeInstanceOf(Promise);
		expect(fresh).toMatchObject({ from: "entry", outcome: "hit", ageS: 0, ttlS: 60 });
		engine.clock.advance(60_000);
		const stale = serve(engine, key);
		expect(stale).not.toBeInstanceOf(Promise);
		expect(stale).toMatchObject({ from: "entry", outcome: "stale", ageS: 60, ttlS: -1 });
		await engine.cache.settled();
	});

	test("42: is not given at once, nor at all, when it was purged or its time is over", async () => {
		for (const over of ["purged", "expired"]) {
			const engine = createTestEngine();
			const key = await keyOf(engine);
			if (over === "purged") await engine.cache.purge({ policy: "things" });
			else engine.clock.advance(60_000);
			const serving = serve(engine, key);
			expect(serving).toBeInstanceOf(Promise);
			await expect(Promise.resolve(serving)).rejects.toThrow("not to be made");
			await engine.cache.settled();
		}
	});

	test("19: is not there to be given at once, and that is said at once, to who wants nothing else", async () => {
		const { cache, policy } = createTestEngine();
		const told = cache.serve<string>({
			policy,
			key: { name: "things:1", digest: "1" },
			tags: allTags(policy.prefix, []),
			onlyIfCached: true,
			fill: () => Promise.reject(new Error("not to be made")),
		});
		expect(told).toEqual({ from: "nothing", why: "only-if-cached", status: 504 });
	});

	const stores: Record<string, (clock: TestClock) => CacheStore> = {
		"in memory": memory,
		"in memory in front of one that is far": (clock) => inFrontOf(distant(clock), clock),
	};
	test.each(Object.keys(stores))("1: is sent without a turn of the event loop: %s", async (name) => {
		const clock = createTestClock();
		const store = stores[name]?.(clock) as CacheStore;
		const made = setUp({
			before: [zValidator("query", z.object({ a: z.string() }))],
			cache: { clock, store },
			answer: (c, run) => c.json({ run, filler: "x".repeat(5_000) }),
		});
		expect(await isAtOnce(async () => made.app.request("/things?a=1"))).toBe(false);
		await made.cache.settled();
		await made.ask("/things?a=1");
		for (const headers of [{}, { "Accept-Encoding": "gzip" }, { "If-None-Match": "*" }] as HeadersInit[]) {
			let answer: Response | undefined;
			const ask = async () => {
				answer = await made.app.request("/things?a=1", { headers });
			};
			expect(await isAtOnce(ask)).toBe(true);
			expect(statusOf(answer as Response)).toMatchObject({ hit: true });
		}
	});

	test("35: of a store that throws at once is made anew, and nobody hears of the error but the listener", async () => {
		const clock = createTestClock();
		const throwing = (): never => {
			throw new Error("at once");
		};
		const good = memory(clock);
		const shared = good.coordination as Coordination;
		for (const store of [
			{ ...good, get: throwing },
			{ ...good, coordination: { ...shared, generations: throwing } },
			{ ...good, coordination: { ...shared, readTogether: throwing } },
		] satisfies CacheStore[]) {
			const engine = createTestEngine({ clock, store });
			expect(await engine.tell()).toBe("miss run 1");
			expect(engine.events).toContainEqual(
				expect.objectContaining({ type: "store-failed", operation: "read", cause: "other" }),
			);
		}
	});
});
