import { afterEach, describe, expect, test } from "bun:test";
import type { CacheEvent } from "../../src/cache/events.ts";
import { failureCause, PurgePending } from "../../src/cache/failure.ts";
import { type JournaledStore, type JournalOptions, journaled } from "../../src/cache/journal.ts";
import type { Coordination, Invalidation } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { storeConformance } from "./conformance.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { memorySubject, over } from "./subjects.ts";
import { createTestClock } from "./support/clock.ts";
import { eventually } from "./support/eventually.ts";

const open: JournaledStore[] = [];
afterEach(() => {
	for (const store of open.splice(0)) store.close();
});

storeConformance("memory, journaled", async () =>
	over(memorySubject(), (store) => journaled(store, { clock: createTestClock() })),
);

/** A journal over a memory store whose purges can be made to fail; `made` are those that came through. */
function subject(options: Partial<JournalOptions> = {}) {
	const clock = createTestClock();
	const memory = createMemoryStore({ clock, maxBytes: 1024 * 1024 });
	const inner = memory.coordination as Coordination;
	const made: string[] = [];
	const events: CacheEvent[] = [];
	const state = {
		failure: undefined as Error | undefined,
		attempts: 0,
		hold: undefined as Promise<void> | undefined,
	};

	async function pass(): Promise<void> {
		state.attempts += 1;
		await state.hold;
		if (state.failure) throw state.failure;
	}
	const coordination: Coordination = {
		...inner,
		async invalidate(tags, how) {
			await pass();
			made.push(...tags.map((tag) => `${how} ${tag}`));
			await inner.invalidate(tags, how);
		},
		async evict(key) {
			await pass();
			made.push(`evict ${key}`);
			return inner.evict(key);
		},
		readTogether: async (keys, tags) => ({
			hits: await Promise.all(keys.map((key) => memory.get(key))),
			marks: await inner.generations(tags),
		}),
	};
	const store = journaled(
		{ ...memory, coordination },
		// Never by time alone, unless a test is about that.
		{ clock, retryMs: 60_000, listener: (event) => events.push(event), ...options },
	);
	open.push(store);
	const shared = store.coordination as Coordination;
	const invalidate = (tags: string[], how: Invalidation = "purge") =>
		shared.invalidate(tags, how).then(
			() => "made",
			(error: unknown) => error,
		);
	return { store, shared, state, made, events, clock, invalidate };
}

const DOWN = new Error("connect ECONNREFUSED");

describe("a purge that fails", () => {
	test("43: is told to whoever asked for it, with what is pending", async () => {
		const { invalidate, shared, state } = subject();
		state.failure = DOWN;
		const error = await invalidate(["a", "b"]);
		expect(error).toBeInstanceOf(PurgePending);
		expect(error).toMatchObject({ status: 503, pending: 2, cause: DOWN });
		await expect(shared.evict("k")).rejects.toMatchObject({ pending: 3 });
	});

	test("43: keeps the store from being read and written, at once, until it has been made", async () => {
		const { store, shared, state, invalidate } = subject();
		await store.set("k", bytes("old"), 60_000);
		const [mark] = await shared.generations(["a"]);
		state.failure = DOWN;
		await invalidate(["a"]);
		const calls = {
			get: () => store.get("k"),
			set: () => store.set("k", bytes("x"), 1_000),
			generations: () => shared.generations(["a"]),
			readTogether: () => shared.readTogether?.(["k"], ["a"]),
			acquire: () => shared.acquire("k", "t", 1_000),
			commit: () => shared.commit("k", bytes("x"), 1_000, { token: "t", generations: {} }),
		};
		for (const [name, call] of Object.entries(calls)) {
			const startedAt = performance.now();
			const cause = await Promise.resolve<unknown>(call()).then(() => "none", failureCause);
			expect({ name, cause }).toEqual({ name, cause: "purges-pending" });
			expect(performance.now() - startedAt).toBeLessThan(250);
		}
		state.failure = undefined;
		store.reconnected();
		await eventually(() => store.pending === 0);
		expect(await textAt(store, "k")).toBe("old");
		expect((await shared.generations(["a"]))[0]).not.toBe(mark);
	});

	test("43: is made again by itself", async () => {
		const { store, state, made, invalidate, events } = subject({ retryMs: 5 });
		state.failure = DOWN;
		await invalidate(["a"], "expire");
		await invalidate(["b"]);
		await eventually(() => state.attempts >= 5);
		expect(made).toEqual([]);
		state.failure = undefined;
		await eventually(() => store.pending === 0);
		expect(made).toEqual(["purge b", "expire a"]);
		expect(events).toEqual([
			{ type: "purged", tags: ["b"], keys: 0 },
			{ type: "expired", tags: ["a"], keys: 0 },
		]);
	});

	test("43: is made when somebody wants to read, by one attempt for all", async () => {
		const { store, state, made, invalidate, clock } = subject();
		state.failure = DOWN;
		await invalidate(["a"]);
		state.failure = undefined;
		state.attempts = 0;
		clock.advance(60_000);
		await Promise.allSettled(Array.from({ length: 10 }, () => store.get("k")));
		await eventually(() => store.pending === 0);
		expect(made).toEqual(["purge a"]);
		expect(state.attempts).toBe(1);
	});

	test("is kept once, however often it is asked for; a purge counts for more than an expiry", async () => {
		const { store, shared, state, made, invalidate } = subject();
		state.failure = DOWN;
		await invalidate(["a"]);
		await invalidate(["a", "b"], "expire");
		for (let round = 0; round < 3; round += 1) await shared.evict("k").catch(() => {});
		expect(store.pending).toBe(3);
		state.failure = undefined;
		store.reconnected();
		await eventually(() => store.pending === 0);
		expect(made).toEqual(["purge a", "expire b", "evict k"]);
	});

	test("43: beyond the journal's bound they become one purge of everything", async () => {
		const { store, state, made, invalidate } = subject({ max: 10 });
		state.failure = DOWN;
		for (let index = 0; index < 25; index += 1) {
			await invalidate([`t:${index}`]);
			expect(store.pending).toBeLessThanOrEqual(10);
		}
		state.failure = undefined;
		store.reconnected();
		await eventually(() => store.pending === 0);
		expect(made).toContain("purge *");
	});

	test("while others are being made is made after them", async () => {
		const { store, state, made, invalidate } = subject({ retryMs: 5 });
		state.failure = DOWN;
		await invalidate(["a"]);
		const held = Promise.withResolvers<void>();
		state.hold = held.promise;
		await eventually(() => state.attempts === 2);
		state.hold = undefined;
		expect(await invalidate(["b"])).toMatchObject({ pending: 2 });
		held.resolve();
		await eventually(() => state.attempts > 4);
		state.failure = undefined;
		await eventually(() => store.pending === 0);
		expect(made.toSorted()).toEqual(["purge a", "purge b"]);
	});

	test("43: is made by one attempt at a time", async () => {
		const { store, state, invalidate } = subject();
		state.failure = DOWN;
		await invalidate(["a"]);
		const held = Promise.withResolvers<void>();
		state.hold = held.promise;
		state.attempts = 0;
		for (let round = 0; round < 3; round += 1) store.reconnected();
		expect(state.attempts).toBe(1);
		held.resolve();
	});

	test("is not kept when it can never be made", async () => {
		const { store, state, invalidate } = subject();
		state.failure = new RangeError("too long");
		expect(await invalidate(["a"])).toBe(state.failure);
		state.failure = undefined;
		store.reconnected();
		expect(store.pending).toBe(0);
	});

	test("is given up with the journal", async () => {
		const { store, state, invalidate } = subject({ retryMs: 1 });
		state.failure = DOWN;
		await invalidate(["a"]);
		store.close();
		const { attempts } = state;
		await Bun.sleep(20);
		expect(state.attempts).toBe(attempts);
	});
});

describe("a purge that was made", () => {
	test("43: is made again on a new connection before the store is read, for a minute", async () => {
		const { store, shared, made, invalidate, clock } = subject();
		await invalidate(["a"]);
		clock.advance(30_000);
		await invalidate(["b"], "expire");
		await shared.evict("k");
		made.length = 0;
		clock.advance(30_001);
		store.reconnected();
		expect(await Promise.resolve(store.get("k")).then(() => "read", failureCause)).toBe("purges-pending");
		await eventually(() => store.pending === 0);
		expect(made).toEqual(["expire b", "evict k"]);
		expect(await store.get("k")).toBeUndefined();
	});

	test("43: by another instance is made again as well", async () => {
		const { store, made } = subject();
		store.remember({ tags: ["a"] });
		store.remember({ expired: ["b"] });
		store.remember({ keys: ["k"] });
		store.reconnected();
		await eventually(() => store.pending === 0);
		expect(made).toEqual(["purge a", "expire b", "evict k"]);
	});

	test("is forgotten after a minute, so that many of them over the day are not a purge of everything", async () => {
		const { store, made, invalidate, clock } = subject({ max: 10 });
		for (let index = 0; index < 101; index += 1) {
			await invalidate([`t:${index}`]);
			clock.advance(10_000);
		}
		made.length = 0;
		store.reconnected();
		await eventually(() => store.pending === 0);
		expect(made).not.toContain("purge *");
		expect(made.length).toBeWithin(1, 8);
	});

	test("costs nothing while the connection stays", async () => {
		const { store, invalidate } = subject();
		await invalidate(["a"]);
		expect(store.pending).toBe(0);
		expect(await store.get("k")).toBeUndefined();
	});
});
