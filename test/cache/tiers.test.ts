import { describe, expect, test } from "bun:test";
import { announced } from "../../src/cache/announced.ts";
import type { CacheStore, Claim, Coordination } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { tiered } from "../../src/cache/tiers.ts";
import { storeConformance } from "./conformance.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";
import { createLocalBusHub } from "./support/local-bus.ts";

const MAX_AGE_MS = 5_000;

storeConformance("two tiers", async () => {
	const clock = createTestClock();
	const memory = () => createMemoryStore({ clock, maxBytes: 1024 * 1024 });
	return { store: tiered({ near: memory(), far: memory(), clock }), pass: (ms) => clock.advance(ms) };
});

type Call = "get" | "generations" | "invalidate" | "evict" | "commit";

/** Instances of one process over one far store; its calls are counted, and can be held up or made to fail. */
function instances(count: number) {
	const clock = createTestClock();
	const hub = createLocalBusHub();
	const memory = createMemoryStore({ clock, maxBytes: 4 * 1024 * 1024 });
	const inner = memory.coordination as Coordination;
	const calls: string[] = [];
	let hold: { call: Call; when: "before" | "after"; promise: Promise<void> } | undefined;
	let failure: Error | undefined;

	async function pass<T>(call: Call, answer: () => T | Promise<T>): Promise<T> {
		calls.push(call);
		if (failure) throw failure;
		if (hold?.call === call && hold.when === "before") await hold.promise;
		const made = await answer();
		if (hold?.call === call && hold.when === "after") await hold.promise;
		return made;
	}
	const shared: CacheStore = {
		...memory,
		name: "far",
		get: (key) => pass("get", () => memory.get(key)),
		coordination: {
			...inner,
			generations: (tags) => pass("generations", () => inner.generations(tags)),
			invalidate: (tags, how) => pass("invalidate", () => inner.invalidate(tags, how)),
			evict: (key) => pass("evict", () => inner.evict(key)),
			commit: (...args) => pass("commit", () => inner.commit(...args)),
		},
	};
	const made = Array.from({ length: count }, () => {
		const bus = hub.join();
		const near = createMemoryStore({ clock, maxBytes: 1024 * 1024 });
		const far = announced(shared, bus);
		const store = tiered({ near, far, bus, clock, maxAgeMs: MAX_AGE_MS });
		return { bus, near, store, shared: store.coordination as Coordination };
	});
	return {
		clock,
		shared,
		instances: made as [(typeof made)[0], (typeof made)[0]],
		asked: (call: Call) => calls.filter((one) => one === call).length,
		/** Holds up such calls, before or after they had their effect, until the returned function is called. */
		holdUp(call: Call, when: "before" | "after" = "after"): () => void {
			const held = Promise.withResolvers<void>();
			hold = { call, when, promise: held.promise };
			return () => {
				hold = undefined;
				held.resolve();
			};
		},
		fail(error: Error | undefined) {
			failure = error;
		},
	};
}

const won = (claim: Claim) => claim.state === "won";

describe("two tiers", () => {
	test("44: a hit in the far store is kept near with what remains of its time, and both say which they are", async () => {
		const {
			clock,
			shared,
			asked,
			instances: [a],
		} = instances(1);
		await shared.set("k", bytes("x"), 3_000);
		clock.advance(1_000);
		expect(await a.store.get("k")).toMatchObject({ tier: "far", remainingMs: 2_000 });
		expect(await a.near.get("k")).toMatchObject({ remainingMs: 2_000 });
		expect(await a.store.get("k")).toMatchObject({ tier: "memory", remainingMs: 2_000 });
		expect(asked("get")).toBe(1);
		clock.advance(2_000);
		expect(await a.store.get("k")).toBeUndefined();
	});

	test("44: the time that the far store took to answer is not given once more", async () => {
		const {
			clock,
			shared,
			holdUp,
			instances: [a],
		} = instances(1);
		await shared.set("k", bytes("x"), 3_000);
		const letGo = holdUp("get");
		const reading = a.store.get("k");
		await Bun.sleep(1);
		clock.advance(1_000);
		letGo();
		await reading;
		expect(await a.near.get("k")).toMatchObject({ remainingMs: 2_000 });
	});

	test("44: nothing is kept near for longer than the bound", async () => {
		const {
			clock,
			shared,
			asked,
			instances: [a],
		} = instances(1);
		await shared.set("k", bytes("x"), 60_000);
		await a.store.get("k");
		clock.advance(MAX_AGE_MS - 1);
		await a.store.get("k");
		expect(asked("get")).toBe(1);
		clock.advance(1);
		await a.store.get("k");
		expect(asked("get")).toBe(2);
	});

	test("what is committed is near at once, what is refused is not", async () => {
		const {
			asked,
			instances: [a, b],
		} = instances(2);
		const [mark = ""] = await a.shared.generations(["t"]);
		expect(won(await a.shared.acquire("k", "one", 1_000))).toBe(true);
		const held = { token: "one", generations: { t: mark } };
		expect(await a.shared.commit("k", bytes("x"), 60_000, held)).toBe("stored");
		expect(await a.store.get("k")).toMatchObject({ tier: "memory" });
		expect(asked("get")).toBe(0);
		expect(await b.shared.commit("k", bytes("y"), 60_000, held)).toBe("lease-lost");
		expect(await textAt(b.store, "k")).toBe("x");
	});

	test("what the winner of a lease finds stored is near from then on", async () => {
		const {
			shared,
			asked,
			instances: [a],
		} = instances(1);
		await shared.set("k", bytes("x"), 60_000);
		expect(await a.shared.acquire("k", "one", 1_000)).toMatchObject({ hit: { tier: "far" } });
		expect(await a.store.get("k")).toMatchObject({ tier: "memory" });
		expect(asked("get")).toBe(0);
	});

	test("45: the marks of tags that are known cost no round trip", async () => {
		const {
			clock,
			asked,
			instances: [a],
		} = instances(1);
		const marks = await a.shared.generations(["t", "u"]);
		expect(await a.shared.generations(["u", "t"])).toEqual([...marks].reverse());
		expect(asked("generations")).toBe(1);
		await a.shared.generations(["t", "v"]);
		expect(asked("generations")).toBe(2);
		clock.advance(MAX_AGE_MS);
		await a.shared.generations(["t"]);
		expect(asked("generations")).toBe(3);
	});
});

describe("a purge elsewhere", () => {
	for (const how of ["purge", "expire"] as const) {
		test(`42: of a tag (${how}) counts here as soon as the bus has told of it`, async () => {
			const {
				instances: [a, b],
			} = instances(2);
			const before = await b.shared.generations(["t", "u"]);
			await a.shared.invalidate(["t"], how);
			const after = await b.shared.generations(["t", "u"]);
			expect(after[0]).not.toBe(before[0]);
			expect(after[1]).toBe(before[1]);
		});

		test(`42: of a tag (${how}) keeps marks that are being read out of the table`, async () => {
			const {
				holdUp,
				instances: [a, b],
			} = instances(2);
			const letGo = holdUp("generations");
			const reading = b.shared.generations(["t"]);
			await Bun.sleep(1);
			await a.shared.invalidate(["t"], how);
			letGo();
			const [old] = await reading;
			expect((await b.shared.generations(["t"]))[0]).not.toBe(old);
		});
	}

	test("42: of a key removes it here, and whoever listens is told after", async () => {
		const {
			shared,
			instances: [a, b],
		} = instances(2);
		await shared.set("k", bytes("x"), 60_000);
		await b.store.get("k");
		const told: string[] = [];
		const stop = b.shared.onEvicted?.((key) => told.push(key));
		expect(await a.shared.evict("k")).toBe(true);
		expect(await b.near.get("k")).toBeUndefined();
		expect(await b.store.get("k")).toBeUndefined();
		expect(told).toEqual(["k"]);
		stop?.();
		await a.shared.evict("k");
		expect(told).toEqual(["k"]);
	});

	test("42: of a key keeps an answer that is being read from being near", async () => {
		const {
			shared,
			holdUp,
			instances: [a, b],
		} = instances(2);
		await shared.set("k", bytes("x"), 60_000);
		const letGo = holdUp("get");
		const reading = b.store.get("k");
		await Bun.sleep(1);
		await a.shared.evict("k");
		letGo();
		await reading;
		expect(await b.store.get("k")).toBeUndefined();
	});

	test("42: of a key keeps what is being committed from being near", async () => {
		const {
			holdUp,
			instances: [a, b],
		} = instances(2);
		await b.shared.acquire("k", "one", 1_000);
		const letGo = holdUp("commit");
		const committing = b.shared.commit("k", bytes("x"), 60_000, { token: "one", generations: {} });
		await Bun.sleep(1);
		await a.shared.evict("k");
		letGo();
		expect(await committing).toBe("stored");
		expect(await b.store.get("k")).toBeUndefined();
	});

	test("43: that was missed is made up for when the link is back: nothing near is believed any more", async () => {
		const {
			shared,
			instances: [a, b],
		} = instances(2);
		await shared.set("k", bytes("x"), 60_000);
		await b.store.get("k");
		const [mark] = await b.shared.generations(["t"]);
		b.bus.cut();
		await a.shared.evict("k");
		await a.shared.invalidate(["t"], "purge");
		b.bus.mend();
		expect(await b.store.get("k")).toBeUndefined();
		expect((await b.shared.generations(["t"]))[0]).not.toBe(mark);
	});

	test("43: that was missed keeps what was read before the link was back from being near", async () => {
		const {
			shared,
			holdUp,
			instances: [a, b],
		} = instances(2);
		await shared.set("k", bytes("x"), 60_000);
		b.bus.cut();
		const letGo = holdUp("get");
		const reading = b.store.get("k");
		await Bun.sleep(1);
		await a.shared.evict("k");
		b.bus.mend();
		letGo();
		await reading;
		expect(await b.store.get("k")).toBeUndefined();
	});

	test("43: with the link down nothing purged is given for longer when the clock is set back", async () => {
		const { clock, instances: made, holdUp } = instances(2);
		const [one, two] = made;
		await one.store.set("k", bytes("x"), 60_000);
		const finish = holdUp("get");
		const read = two.store.get("k");
		await Bun.sleep(0);
		clock.advance(-3_600_000);
		finish();
		expect(await read).toBeDefined();
		const marks = await two.shared.generations(["x"]);
		two.bus.cut();
		await one.shared.invalidate(["x"], "purge");
		await one.shared.evict("k");
		clock.advance(MAX_AGE_MS);
		expect(await two.store.get("k")).toBeUndefined();
		expect(await two.shared.generations(["x"])).not.toEqual(marks);
		const later = await two.shared.generations(["x"]);
		await one.shared.invalidate(["x"], "purge");
		clock.advance(-1);
		expect(await two.shared.generations(["x"])).not.toEqual(later);
	});

	test("43: with the link down nothing purged outlives the bound", async () => {
		const {
			clock,
			shared,
			instances: [a, b],
		} = instances(2);
		await shared.set("k", bytes("x"), 60_000);
		b.bus.cut();
		await b.store.get("k");
		const [mark] = await b.shared.generations(["t"]);
		clock.advance(1);
		await a.shared.evict("k").catch(() => {});
		await a.shared.invalidate(["t"], "purge").catch(() => {});
		clock.advance(MAX_AGE_MS - 2);
		expect(await textAt(b.store, "k")).toBe("x");
		clock.advance(1);
		expect(await b.store.get("k")).toBeUndefined();
		expect((await b.shared.generations(["t"]))[0]).not.toBe(mark);
	});

	test("a commit that is refused for its marks has them asked for anew", async () => {
		const {
			instances: [a, b],
		} = instances(2);
		b.bus.cut();
		const [mark = ""] = await b.shared.generations(["t"]);
		await a.shared.invalidate(["t"], "purge");
		await b.shared.acquire("k", "one", 1_000);
		const held = { token: "one", generations: { t: mark } };
		expect(await b.shared.commit("k", bytes("x"), 1_000, held)).toBe("invalidated");
		expect((await b.shared.generations(["t"]))[0]).not.toBe(mark);
	});
});

describe("a purge here", () => {
	test("43: counts near although the far store cannot be reached, and whoever asked hears of it", async () => {
		const {
			shared,
			fail,
			instances: [a],
		} = instances(1);
		await shared.set("k", bytes("x"), 60_000);
		await a.store.get("k");
		await a.shared.generations(["t"]);
		fail(new Error("connect ECONNREFUSED"));
		await expect(a.shared.evict("k")).rejects.toThrow("ECONNREFUSED");
		await expect(a.shared.invalidate(["t"], "purge")).rejects.toThrow("ECONNREFUSED");
		await expect(a.store.get("k")).rejects.toThrow("ECONNREFUSED");
		await expect(a.shared.generations(["t"])).rejects.toThrow("ECONNREFUSED");
	});

	test("42: of a key outdates what is read while it is under way", async () => {
		const {
			shared,
			holdUp,
			instances: [a],
		} = instances(1);
		await shared.set("k", bytes("x"), 60_000);
		const letGo = holdUp("evict", "before");
		const evicting = a.shared.evict("k");
		expect(await textAt(a.store, "k")).toBe("x");
		letGo();
		await evicting;
		expect(await a.store.get("k")).toBeUndefined();
	});

	test("42: of a tag outdates marks that are read while it is under way", async () => {
		const {
			holdUp,
			instances: [a],
		} = instances(1);
		const letGo = holdUp("invalidate", "before");
		const invalidating = a.shared.invalidate(["t"], "purge");
		const [old] = await a.shared.generations(["t"]);
		letGo();
		await invalidating;
		expect((await a.shared.generations(["t"]))[0]).not.toBe(old);
	});

	test("that could not be announced has failed", async () => {
		const {
			instances: [a],
		} = instances(2);
		a.bus.cut();
		await expect(a.shared.invalidate(["t"], "purge")).rejects.toThrow("connection lost");
		await expect(a.shared.evict("k")).rejects.toThrow("connection lost");
	});
});

test("a tier in memory goes on for its bound while the far store is out of reach", async () => {
	const {
		clock,
		shared,
		fail,
		instances: [a],
	} = instances(1);
	await shared.set("k", bytes("x"), 60_000);
	await a.store.get("k");
	await a.shared.generations(["t"]);
	fail(new Error("connect ECONNREFUSED"));
	clock.advance(MAX_AGE_MS - 1);
	expect(await textAt(a.store, "k")).toBe("x");
	expect(await a.shared.generations(["t"])).toHaveLength(1);
	clock.advance(1);
	await expect(a.store.get("k")).rejects.toThrow("ECONNREFUSED");
});
