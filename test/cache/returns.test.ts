import { expect, test } from "bun:test";
import { createReturns } from "../../src/cache/returns.ts";
import type { Coordination } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestClock } from "./support/clock.ts";
import { eventually } from "./support/eventually.ts";

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
	await expect(returns.giveBack({ key: "k", token: "one", leaseMs: 5_000 })).rejects.toThrow("no answer");
	await eventually(() => released.length === 3);
	await Bun.sleep(150);
	expect(released).toEqual(["k one", "k one", "k one"]);
});

test("25: a lease that the store never takes back is left alone once it must have ended", async () => {
	const { released, returns } = setUp(1_000);
	await returns.giveBack({ key: "k", token: "one", leaseMs: 150 }).catch(() => {});
	await Bun.sleep(350);
	const attempts = released.length;
	expect(attempts).toBeWithin(2, 4);
	await Bun.sleep(150);
	expect(released).toHaveLength(attempts);
});
