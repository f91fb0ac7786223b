import { describe, expect, test } from "bun:test";
import { localCoordination } from "../../src/cache/coordination/local.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { compareMarks } from "../../src/cache/tags.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";

const LEASE_MS = 1_000;

describe("coordination within one process", () => {
	test("44: forgets the marks used least when there are too many, and what carries them is void", async () => {
		const { coordination } = setUp({ maxTags: 10 });
		const [kept, lost] = await coordination.generations(["kept", "lost"]);
		for (let index = 0; index < 9; index += 1) await coordination.generations([`other-${index}`, "kept"]);
		expect(await coordination.generations(["kept"])).toEqual([kept as string]);
		const [current] = await coordination.generations(["lost"]);
		expect(compareMarks(lost, current as string)).toBe("purged");
	});

	test("44: refuses the holder of a lease that was forgotten because there were too many", async () => {
		const { coordination, store } = setUp({ maxLeases: 10 });
		await coordination.acquire("first", "token", LEASE_MS);
		for (let index = 0; index < 10; index += 1) await coordination.acquire(`k-${index}`, "token", LEASE_MS);
		const held = { token: "token", generations: {} };
		expect(await coordination.commit("first", bytes("x"), 60_000, held)).toBe("lease-lost");
		expect(await textAt(store, "first")).toBeUndefined();
	});

	test("42: does not say that a key is evicted while a write of it is under way", async () => {
		const { coordination, store, writing, finishWrite } = setUp();
		await coordination.acquire("k", "one", LEASE_MS);
		const committed = coordination.commit("k", bytes("x"), 60_000, { token: "one", generations: {} });
		await writing();
		let evicted = false;
		const eviction = coordination.evict("k").then(() => {
			evicted = true;
		});
		await Bun.sleep(5);
		expect(evicted).toBe(false);
		finishWrite();
		await eviction;
		expect(await textAt(store, "k")).toBeUndefined();
		expect(await committed).toBe("lease-lost");
		expect(await textAt(store, "k")).toBeUndefined();
	});

	test("25: a slow write that lands after somebody else took the lease is not kept", async () => {
		const { coordination, store, clock, writing, finishWrite } = setUp();
		await coordination.acquire("k", "one", LEASE_MS);
		const committed = coordination.commit("k", bytes("late"), 60_000, { token: "one", generations: {} });
		await writing();
		clock.advance(LEASE_MS + 1);
		expect((await coordination.acquire("k", "two", LEASE_MS)).state).toBe("won");
		finishWrite();
		expect(await committed).toBe("lease-lost");
		expect(await textAt(store, "k")).toBeUndefined();
	});

	test("25: a lease ends, and a failure is over, when the clock is set back", async () => {
		const { coordination, clock } = setUp();
		await coordination.acquire("k", "one", LEASE_MS);
		clock.advance(-1);
		expect(await coordination.acquire("k", "two", LEASE_MS)).toEqual({ state: "won" });
		await coordination.release("k", "two", { status: 503, failures: 1, retryInMs: 5_000 });
		clock.advance(-1);
		expect(await coordination.acquire("k", "three", LEASE_MS)).toEqual({ state: "won", failures: 1 });
	});

	test("keeps others waiting until a slow write is done", async () => {
		const { coordination, writing, finishWrite } = setUp();
		await coordination.acquire("k", "one", LEASE_MS);
		const committed = coordination.commit("k", bytes("x"), 60_000, { token: "one", generations: {} });
		await writing();
		expect((await coordination.acquire("k", "two", LEASE_MS)).state).toBe("held");
		finishWrite();
		expect(await committed).toBe("stored");
		expect((await coordination.acquire("k", "two", LEASE_MS)).state).toBe("won");
	});

	test("35: gives the lease back when the store fails to read or to write", async () => {
		const { coordination, faults } = setUp();
		faults.get = new Error("cannot read");
		await expect(coordination.acquire("k", "one", LEASE_MS)).rejects.toThrow("cannot read");
		delete faults.get;
		expect((await coordination.acquire("k", "two", LEASE_MS)).state).toBe("won");
		faults.set = new Error("cannot write");
		const held = { token: "two", generations: {} };
		await expect(coordination.commit("k", bytes("x"), 60_000, held)).rejects.toThrow("cannot write");
		expect((await coordination.acquire("k", "three", LEASE_MS)).state).toBe("won");
	});
});

/** Coordination over a store whose writes end when the test says so, once it has waited for one to begin. */
function setUp(bounds: { maxTags?: number; maxLeases?: number } = {}) {
	const clock = createTestClock();
	const store: CacheStore = createMemoryStore({ clock, maxBytes: 1_000_000 });
	const faults: { get?: Error; set?: Error } = {};
	const begun = Promise.withResolvers<void>();
	const finish = Promise.withResolvers<void>();
	const coordination = localCoordination({
		...bounds,
		clock,
		evict: store.delete,
		async get(key) {
			if (faults.get) throw faults.get;
			return store.get(key);
		},
		async set(key, value, ttlMs) {
			if (faults.set) throw faults.set;
			begun.resolve();
			await finish.promise;
			await store.set(key, value, ttlMs);
		},
	});
	return { clock, store, coordination, faults, writing: () => begun.promise, finishWrite: finish.resolve };
}
