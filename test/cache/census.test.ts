import { describe, expect, test } from "bun:test";
import { instrumented } from "../../src/cache/instrument.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { bytes } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine, type TestEngine } from "./support/engine.ts";

const LONG = { withinMs: 60_000 };

/** An engine over a store that tells how many pages were read of it. */
function counting(): TestEngine & { pages(): number } {
	let pages = 0;
	const clock = createTestClock();
	const inner = createMemoryStore({ clock, maxBytes: 32 * 1024 * 1024 });
	const store: CacheStore = instrumented(inner, (call) => {
		if (call === "list") pages += 1;
	});
	return { ...createTestEngine({ store, clock }), pages: () => pages };
}

async function fill(engine: TestEngine, count: number): Promise<void> {
	for (let input = 0; input < count; input += 1) await engine.ask(input);
	await engine.cache.settled();
}

describe("a census", () => {
	test("counts all entries and bytes, each policy's for itself", async () => {
		const engine = counting();
		const others = engine.cache.register({ name: "others", prefix: "others:", ttl: 60, scope: "shared" });
		engine.cache.register({ name: "unused", prefix: "unused:", ttl: 60, scope: "shared" });
		await fill(engine, 600);
		await engine.cache.wrap(others, 1, async () => "x");
		await engine.cache.settled();
		await engine.store.set("elsewhere:1", bytes("foreign"), 60_000);
		const census = await engine.cache.census(LONG);
		const { entries: listed } = await engine.cache.entries("", { limit: 1_000 });
		expect(census).toEqual({
			complete: true,
			entries: 602,
			bytes: listed.reduce((total, { bytes }) => total + bytes, 0),
			policies: {
				things: { entries: 600, bytes: expect.any(Number) },
				others: { entries: 1, bytes: expect.any(Number) },
				unused: { entries: 0, bytes: 0 },
			},
		});
		const { things, others: other } = census.policies;
		expect((things?.bytes ?? 0) + (other?.bytes ?? 0) + "foreign".length).toBe(census.bytes);
	});

	test("gives names of policies that this cache does not know no place of their own", async () => {
		const engine = counting();
		const elsewhere = createTestEngine({
			store: engine.store,
			policy: { name: "strange", prefix: "strange:" },
		});
		await elsewhere.tell();
		expect(await engine.cache.census(LONG)).toMatchObject({
			entries: 1,
			policies: { things: { entries: 0, bytes: 0 } },
		});
	});

	test("that runs out of time says that it is one of a part", async () => {
		const engine = counting();
		await fill(engine, 600);
		const census = await engine.cache.census({ withinMs: 0 });
		expect(census.complete).toBe(false);
		expect(census.entries).toBeWithin(1, 600);
		expect(engine.pages()).toBe(1);
		expect(await engine.cache.census(LONG)).toMatchObject({ complete: true, entries: 600 });
	});

	test("that fits into a page is complete however little time it has", async () => {
		const engine = counting();
		await fill(engine, 3);
		expect(await engine.cache.census({ withinMs: 0 })).toMatchObject({ complete: true, entries: 3 });
	});

	test("is taken once for all who ask meanwhile, and anew for who asks afterwards", async () => {
		const engine = counting();
		await fill(engine, 3);
		const together = await Promise.all([1, 2, 3].map(() => engine.cache.census(LONG)));
		expect(new Set(together).size).toBe(1);
		expect(engine.pages()).toBe(1);
		await fill(engine, 4);
		expect(await engine.cache.census(LONG)).toMatchObject({ entries: 4 });
		expect(engine.pages()).toBe(2);
	});
});
