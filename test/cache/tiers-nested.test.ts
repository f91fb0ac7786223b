import { describe, expect, test } from "bun:test";
import type { CacheStore } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { tiered } from "../../src/cache/tiers.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";

function subject() {
	const clock = createTestClock();
	const memory = () => createMemoryStore({ clock, maxBytes: 100_000 });
	const far = memory();
	const middle = memory();
	const inner = tiered({ near: middle, far: { ...far, name: "far" }, clock });
	const outer = tiered({ near: memory(), far: inner, clock });
	return { clock, far, inner, outer };
}

describe("tiers in front of tiers", () => {
	test.each(["far", "middle"])(
		"44: keep an entry no longer than the %s one that they had it from",
		async (from) => {
			const { clock, far, inner, outer } = subject();
			await far.set("k", bytes("x"), 1_000);
			if (from === "middle") await inner.get("k");
			clock.advance(400);
			expect((await outer.get("k"))?.remainingMs).toBe(600);
			clock.advance(599);
			expect(await textAt(outer, "k")).toBe("x");
			clock.advance(1);
			for (const store of [far, inner, outer]) expect(await store.get("k")).toBeUndefined();
		},
	);

	test("44: keep what a lease found stored no longer either", async () => {
		const { clock, far, outer } = subject();
		await far.set("k", bytes("x"), 1_000);
		clock.advance(400);
		const claim = await outer.coordination?.acquire("k", "token", 1_000);
		expect(claim).toMatchObject({ state: "won", hit: { tier: "far", remainingMs: 600 } });
		clock.advance(600);
		expect(await outer.get("k")).toBeUndefined();
	});

	test("say which of them had it", async () => {
		const { far, outer } = subject();
		await far.set("k", bytes("x"), 1_000);
		const tiers: (string | undefined)[] = [];
		for (const _ of [1, 2]) tiers.push((await outer.get("k"))?.tier);
		expect(tiers).toEqual(["far", "memory"]);
	});

	test("give an entry as what a store gives, whatever its tier keeps with it", async () => {
		const { far, outer } = subject();
		await far.set("k", bytes("x"), 1_000);
		const stores: CacheStore[] = [outer, outer];
		for (const store of stores) {
			const hit = await store.get("k");
			expect(Object.keys(hit ?? {}).sort()).toEqual(["remainingMs", "tier", "value"]);
		}
	});
});
