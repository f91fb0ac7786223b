import { describe, expect, test } from "bun:test";
import type { Inspection } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";

describe("the memory store", () => {
	test("44: stays within its bound of bytes, dropping what was not used for longest", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 10 * 3_300 });
		for (let index = 0; index < 100; index += 1) {
			await store.set(`k:${index}`, new Uint8Array(1_000), 60_000);
			await store.get("k:0");
		}
		const kept = await Promise.all(Array.from({ length: 100 }, (_, index) => store.get(`k:${index}`)));
		expect(kept.filter(Boolean).length).toBeWithin(5, 12);
		expect(kept[0]).toBeDefined();
		expect(kept[99]).toBeDefined();
	});

	test("44: stays within both bounds under a million distinct keys", async () => {
		const store = createMemoryStore({
			clock: createTestClock(),
			maxBytes: 8 * 1024 * 1024,
			maxEntries: 2_000,
		});
		const value = bytes("x".repeat(100));
		Bun.gc(true);
		const before = process.memoryUsage().heapUsed;
		let last: Promise<void> = Promise.resolve();
		for (let index = 0; index < 1_000_000; index += 1) {
			last = store.set(`u:${index}`, value, 60_000);
			if (index % 1_000 === 0) await last;
		}
		await last;
		Bun.gc(true);
		expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024);
		expect(await store.get("u:997999")).toBeUndefined();
		expect(await textAt(store, "u:998000")).toBe("x".repeat(100));
		expect(await textAt(store, "u:999999")).toBe("x".repeat(100));
	});

	test("44: drops what it cannot tell the age of, because the clock was set back", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 100_000 });
		await store.set("k", bytes("x"), 60_000);
		clock.advance(-1);
		expect(await store.get("k")).toBeUndefined();
	});

	test("44: counts keys as well as values", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 100_000 });
		for (let index = 0; index < 20; index += 1) {
			await store.set(`${index}${"k".repeat(10_000)}`, new Uint8Array(1), 60_000);
		}
		const kept = await Promise.all(
			Array.from({ length: 20 }, (_, index) => store.get(`${index}${"k".repeat(10_000)}`)),
		);
		expect(kept.filter(Boolean).length).toBe(4);
	});

	test("does not take an entry that is larger than itself, nor keep the one before it", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 1_000 });
		await store.set("k", new Uint8Array(1), 60_000);
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

	test("44: what it gave once is not changed by what is stored later", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 10_000 });
		await store.set("k", bytes("first"), 1_000);
		const hit = await store.get("k");
		await store.set("k", bytes("second"), 60_000);
		await store.get("k");
		expect(hit).toMatchObject({ value: bytes("first"), remainingMs: 1_000 });
		clock.advance(1_000);
		expect(await textAt(store, "k")).toBe("second");
	});

	test("44: gives an entry up to the last millisecond of its time and not after it", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 10_000 });
		await store.set("k", bytes("x"), 1_000);
		clock.advance(999);
		expect((await store.get("k"))?.remainingMs).toBe(1);
		clock.advance(1);
		expect(await store.get("k")).toBeUndefined();
		clock.advance(-500);
		expect(await store.get("k")).toBeUndefined();
	});

	test("says how long an entry remains when a lease finds it, too", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 10_000 });
		await store.set("k", bytes("x"), 1_000);
		clock.advance(250);
		const claim = await store.coordination?.acquire("k", "token", 1_000);
		expect(claim?.state === "won" && claim.hit?.remainingMs).toBe(750);
	});

	test("gives the very object that was set", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 10_000 });
		const value = bytes("x");
		await store.set("k", value, 1_000);
		expect((await store.get("k"))?.value).toBe(value);
		await store.coordination?.acquire("k", "token", 1_000);
		await store.coordination?.commit("k", value, 1_000, { token: "token", generations: {} });
		expect((await store.get("k"))?.value).toBe(value);
	});

	test("is looked into without anything becoming more recent", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 1024 * 1024, maxEntries: 3 });
		const inspection = store.inspection as Inspection;
		for (const key of ["a", "b", "c"]) await store.set(key, bytes(key), 1_000);
		expect((await inspection.list("", { limit: 10 })).keys).toEqual(["a", "b", "c"]);
		expect(await inspection.peek(["a"], 10)).toEqual([{ bytes: 1, remainingMs: 1_000, head: bytes("a") }]);
		await store.set("d", bytes("d"), 1_000);
		expect((await inspection.list("", { limit: 10 })).keys).toEqual(["b", "c", "d"]);
	});

	test("lists as many names as are asked for, each once, whatever is used or stored meanwhile", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 10 * 1024 * 1024 });
		const inspection = store.inspection as Inspection;
		const keys = Array.from({ length: 1_000 }, (_, index) => `k:${(index * 7) % 1_000}`);
		for (const key of keys) await store.set(key, bytes(key), 1_000);
		const found: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await inspection.list("k:", { cursor, limit: 100 });
			expect(page.keys).toHaveLength(100);
			found.push(...page.keys);
			cursor = page.cursor;
			for (const key of page.keys.slice(0, 50)) await store.get(key);
			for (const key of page.keys.slice(50)) await store.set(key, bytes("new"), 1_000);
		} while (cursor !== undefined);
		expect(found).toEqual(keys.sort());
	});

	test("counts what it dropped for want of room, and nothing else", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 1024 * 1024, maxEntries: 5 });
		const usage = () => (store.inspection as Inspection).usage();
		expect(await usage()).toEqual({ usedBytes: 0, maxBytes: 1024 * 1024, evictions: 0, entries: 0 });
		for (let index = 0; index < 8; index += 1) await store.set(`k:${index}`, bytes("x"), 1_000);
		expect(await usage()).toMatchObject({ evictions: 3, entries: 5 });
		await store.set("k:7", bytes("y"), 1_000);
		await store.delete("k:6");
		clock.advance(1_000);
		await store.get("k:5");
		expect(await usage()).toMatchObject({ evictions: 3, entries: 3 });
	});
});
