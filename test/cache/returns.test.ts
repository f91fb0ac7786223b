import { expect, test } from "bun:test";
import { createReturns } from "../../src/cache/returns.ts";
import type { Coordination } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestClock } from "./support/clock.ts";

function setUp(failures: number) {
	const { coordination } = createMemoryStore({ clock: createTestClock(), maxBytes: 1_000 });
	const released: string[] = [];
	const returns = createReturns({
		...(coordination as Coordination),
		async release(key, token) {
			released.push(`${key} ${token}`);
			if (released.length <= failures) throw new Error("no answer");
		},
	});
	return { released, returns };
}

test("25: a lease whose return failed is given back again until it is taken, and then no more", async () => {
	const { released, returns } = setUp(2);
	await expect(returns.giveBack("k", "one")).rejects.toThrow("no answer");
	for (let round = 0; round < 5; round += 1) {
		returns.tryAgain();
		await Promise.resolve();
		await Promise.resolve();
	}
	expect(released).toEqual(["k one", "k one", "k one"]);
});

test("25: a lease that the store never takes back is left to end by itself", async () => {
	const { released, returns } = setUp(100);
	await returns.giveBack("k", "one").catch(() => {});
	for (let round = 0; round < 20; round += 1) {
		returns.tryAgain();
		await Promise.resolve();
		await Promise.resolve();
	}
	expect(released).toHaveLength(5);
});
