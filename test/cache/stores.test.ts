import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createMemoryStore, createNoopStore, createRedisStore, guarded } from "../../src/cache/index.ts";
import { connectRedis } from "../../src/cache/redis.ts";
import { createTestClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { createTestRedis, type TestRedis } from "../support/redis.ts";
import { type StoreUnderTest, storeConformance } from "./conformance.ts";

let redis: TestRedis;
beforeAll(async () => {
	redis = await createTestRedis({ password: "a password with spaces" });
});
afterAll(async () => {
	await redis.stop();
});

function memory(): StoreUnderTest {
	const clock = createTestClock();
	return { store: createMemoryStore({ clock, maxBytes: 1024 * 1024 }), pass: (ms) => clock.advance(ms) };
}

async function connected(): Promise<StoreUnderTest> {
	const client = connectRedis({ host: "127.0.0.1", port: redis.port, password: redis.password });
	await eventually(() => client.status === "ready");
	await client.flushdb();
	return {
		store: createRedisStore({ client }),
		close: async () => client.disconnect(),
	};
}

function guardedAs({ store, ...rest }: StoreUnderTest): StoreUnderTest {
	return { ...rest, store: guarded(store, { deadlineMs: 2_000 }) };
}

storeConformance("memory", async () => memory());
storeConformance("memory, guarded", async () => guardedAs(memory()));
storeConformance("redis", connected);
storeConformance("redis, guarded", async () => guardedAs(await connected()));

test("the no-op store keeps nothing", async () => {
	const store = createNoopStore();
	await store.set("k", new Uint8Array([1]), 1_000);
	expect(await store.get("k")).toBeUndefined();
	expect(await store.delete("k")).toBe(false);
});

describe("the memory store", () => {
	test("stays within its bound of bytes, dropping what was not used for longest", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 10 * 1_300 });
		for (let index = 0; index < 100; index += 1) {
			await store.set(`k:${index}`, new Uint8Array(1_000), 60_000);
			await store.get("k:0");
		}
		const kept = await Promise.all(Array.from({ length: 100 }, (_, index) => store.get(`k:${index}`)));
		expect(kept.filter(Boolean).length).toBeWithin(5, 12);
		expect(kept[0]).toBeDefined();
		expect(kept[99]).toBeDefined();
	});

	test("does not take an entry that is larger than itself", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 1_000 });
		await store.set("k", new Uint8Array(2_000), 60_000);
		expect(await store.get("k")).toBeUndefined();
	});

	test("says how long it will keep an entry", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 10_000 });
		await store.set("k", new Uint8Array(1), 1_000);
		clock.advance(400);
		expect((await store.get("k"))?.remainingMs).toBe(600);
	});
});

describe("a guarded store", () => {
	const hanging = { ...createNoopStore(), get: () => new Promise<undefined>(() => {}) };

	test("fails a call that takes longer than the deadline", async () => {
		const store = guarded(hanging, { deadlineMs: 5 });
		await expect(store.get("k")).rejects.toThrow("no answer within 5 ms");
	});

	test("counts a call until the backend is done with it, and refuses more than its bound at once", async () => {
		const backend = Promise.withResolvers<undefined>();
		const store = guarded({ ...hanging, get: () => backend.promise }, { deadlineMs: 5, maxInFlight: 2 });
		await Promise.allSettled([store.get("a"), store.get("b")]);
		await expect(store.get("c")).rejects.toThrow("more than 2 calls in flight");
		backend.resolve(undefined);
		await eventually(async () => expect(await store.get("d")).toBeUndefined());
	});

	test("gives its place back when a call fails before it began", async () => {
		const broken = () => {
			throw new Error("not even a promise");
		};
		const store = guarded({ ...createNoopStore(), get: broken }, { deadlineMs: 1_000, maxInFlight: 1 });
		for (let round = 0; round < 3; round += 1) {
			await expect(store.get("k")).rejects.toThrow("not even a promise");
		}
	});

	test("passes failures on as they are", async () => {
		const failing = { ...createNoopStore(), get: () => Promise.reject(new Error("out of order")) };
		await expect(guarded(failing, { deadlineMs: 1_000 }).get("k")).rejects.toThrow("out of order");
	});
});
