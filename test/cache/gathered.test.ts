import { describe, expect, test } from "bun:test";
import { gathered } from "../../src/cache/gathered.ts";
import type { CacheStore, Coordination } from "../../src/cache/store.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { createTestEngine } from "./support/engine.ts";
import { readsTogether } from "./support/reads-together.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const readText = async (store: CacheStore, key: string) => textAt(store, key);

describe("reads of one turn of the event loop", () => {
	test("45: are one question with each key and tag once, and everybody has the answers to their own in their own order", async () => {
		const { store, shared, memory, mark, asked, single } = readsTogether();
		for (const key of ["a", "b", "c"]) await memory.set(key, bytes(`value ${key}`), 60_000);
		const [first, both, marks, repeated, missing] = await Promise.all([
			readText(store, "b"),
			shared.readTogether(["c", "a", "c"], ["t2", "t1", "t2"]),
			shared.generations(["t1", "t3", "t2"]),
			readText(store, "b"),
			readText(store, "d"),
		]);
		expect(asked).toEqual([{ keys: ["b", "c", "a", "d"], tags: ["t2", "t1", "t3"] }]);
		expect(single).toEqual([]);
		expect([first, repeated, missing]).toEqual(["value b", "value b", undefined]);
		const texts = both.hits.map((hit) => hit && Buffer.from(hit.value).toString());
		expect(texts).toEqual(["value c", "value a", "value c"]);
		expect(both.marks).toEqual([mark("t2"), mark("t1"), mark("t2")]);
		expect(marks).toEqual([mark("t1"), mark("t3"), mark("t2")]);
		expect(new Set(marks).size).toBe(3);
	});

	test("include those that are asked for by what was waiting in the same turn", async () => {
		const { store, asked } = readsTogether();
		const later = Promise.resolve().then(async () => {
			await null;
			return store.get("later");
		});
		await Promise.all([store.get("now"), later]);
		expect(asked.map(({ keys }) => keys)).toEqual([["now", "later"]]);
	});

	test("do not include those of the next turn", async () => {
		const { store, asked } = readsTogether();
		const first = store.get("a");
		await nextTurn();
		await Promise.all([first, store.get("a")]);
		expect(asked.map(({ keys }) => keys)).toEqual([["a"], ["a"]]);
	});

	test("may be of nothing but keys, or nothing but tags, or nothing", async () => {
		const { store, shared, asked } = readsTogether();
		expect(await store.get("a")).toBeUndefined();
		expect((await shared.generations(["t"])).length).toBe(1);
		expect(await shared.readTogether([], [])).toEqual({ hits: [], marks: [] });
		expect(asked).toEqual([
			{ keys: ["a"], tags: [] },
			{ keys: [], tags: ["t"] },
			{ keys: [], tags: [] },
		]);
	});

	test("give two who ask for one entry the very same one, with what is known of it", async () => {
		const { store, memory, clock } = readsTogether();
		await memory.set("a", bytes("x"), 1_000);
		clock.advance(400);
		const [one, other] = await Promise.all([store.get("a"), store.get("a")]);
		expect(one?.value).toBe(other?.value as Uint8Array);
		expect(one?.remainingMs).toBe(600);
	});

	test("41: whose marks the store does not tell keep nothing that could be given to anybody later", async () => {
		const { store, rule } = readsTogether();
		rule.around = ({ hits }) => ({ hits, marks: [] });
		const engine = createTestEngine({ store, tags: ["t"] });
		expect([await engine.tell(), await engine.tell()]).toEqual(["miss run 1", "miss run 2"]);
	});
});

describe("a read after a purge", () => {
	test("42: never joins one that is on its way", async () => {
		const { store, shared, memory, rule, asked } = readsTogether();
		await memory.set("a", bytes("old"), 60_000);
		const held = Promise.withResolvers<void>();
		rule.around = (answer) => held.promise.then(() => answer);
		const before = shared.readTogether(["a"], ["t"]);
		await nextTurn();
		expect(asked.length).toBe(1);
		rule.around = (answer) => answer;
		await shared.invalidate(["t"], "purge");
		await shared.evict("a");
		const after = await Promise.all([shared.readTogether(["a"], ["t"]), store.get("a")]);
		expect(after[0].hits).toEqual([undefined]);
		expect(after[1]).toBeUndefined();
		held.resolve();
		const { hits, marks } = await before;
		expect(Buffer.from(hits[0]?.value ?? []).toString()).toBe("old");
		expect(marks[0]).not.toBe(after[0].marks[0] as string);
	});

	test("42: of the same turn sees it, and so do those who asked earlier in it", async () => {
		const { store, shared, memory, mark } = readsTogether();
		await memory.set("a", bytes("old"), 60_000);
		const before = mark("t");
		const earlier = Promise.all([store.get("a"), shared.generations(["t"])]);
		const purged = Promise.all([shared.evict("a"), shared.invalidate(["t"], "purge")]);
		const [hit, marks] = await earlier;
		await purged;
		expect(hit).toBeUndefined();
		expect(marks[0]).not.toBe(before);
	});

	test("42: by an engine is a miss, whoever asked in the turn before", async () => {
		const { store, rule } = readsTogether();
		const engine = createTestEngine({ store, tags: ["t"] });
		expect(await engine.tell()).toBe("miss run 1");
		const held = Promise.withResolvers<void>();
		rule.around = (answer) => held.promise.then(() => answer);
		const before = engine.ask();
		await nextTurn();
		rule.around = (answer) => answer;
		await engine.cache.purge({ tags: ["t"] });
		expect(await engine.tell()).toBe("miss run 2");
		held.resolve();
		// It had asked before the purge.
		expect(await before).toMatchObject({ from: "entry", outcome: "hit" });
		expect(await engine.tell()).toBe("hit run 2");
	});
});

describe("what is not gathered", () => {
	test("is a store that cannot be read together: it is returned as it is", () => {
		const { memory } = readsTogether();
		const { coordination: _, ...bare } = memory;
		for (const store of [memory, bare]) expect(gathered(store)).toBe(store);
	});

	test("are writes, leases and purges: each goes to the store at once", async () => {
		const { store, plain, shared, memory } = readsTogether();
		expect([store.name, store.set, store.delete]).toEqual([plain.name, plain.set, plain.delete]);
		await store.set("a", bytes("x"), 1_000);
		expect(await textAt(memory, "a")).toBe("x");
		for (const call of ["invalidate", "evict", "acquire", "commit", "release"] as const) {
			expect(shared[call]).toBe((plain.coordination as Coordination)[call] as never);
		}
	});
});
